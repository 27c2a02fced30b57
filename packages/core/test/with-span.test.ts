import { once } from 'node:events';

import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { expect, onTestFinished, test } from 'vitest';

import { withSpan } from '../src/with-span.ts';
import { recordSpans } from './support/recorded-spans.ts';

test('withSpan runs a synchronous function in an active span, gives its result and ends the span', () => {
  const spans = recordSpans();
  const result = withSpan('job', { kind: SpanKind.CONSUMER, attributes: { a: 1 } }, (span) => {
    expect(trace.getActiveSpan()).toBe(span);
    return 42;
  });
  expect(result).toBe(42);
  expect(spans()).toMatchObject([{ name: 'job', kind: SpanKind.CONSUMER, attributes: { a: 1 } }]);
});

test('withSpan keeps the span open and active until an asynchronous function has settled', async () => {
  const spans = recordSpans();
  const promise = withSpan('job', async (span) => {
    await Promise.resolve();
    expect(trace.getActiveSpan()).toBe(span);
    expect(spans()).toEqual([]);
    return 'done';
  });
  expect(await promise).toBe('done');
  expect(spans()).toHaveLength(1);
});

test('a withSpan inside another is its child', async () => {
  const spans = recordSpans();
  await withSpan('outer', async () => withSpan('inner', async () => undefined));
  const [inner, outer] = spans();
  expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
});

test.each([
  [
    'synchronous',
    (error: unknown) => () => {
      throw error;
    },
  ],
  [
    'asynchronous',
    (error: unknown) => async () => {
      await Promise.resolve();
      throw error;
    },
  ],
] as const)(
  'withSpan records the error of a %s function once and rethrows it as it is',
  async (_kind, failWith) => {
    const spans = recordSpans();
    const error = new RangeError('too far');
    let caught: unknown;
    try {
      await withSpan('job', failWith(error));
    } catch (thrown) {
      caught = thrown;
    }
    expect(caught).toBe(error);
    const [span] = spans();
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'too far' });
    expect(span?.attributes).toEqual({ 'error.type': 'RangeError' });
    expect(span?.events.map((event) => event.attributes?.['exception.message'])).toEqual(['too far']);
  },
);

test.each([
  ['a string', 'plain text', 'plain text', 'string'],
  ['an object', { code: 7 }, '{"code":7}', 'Object'],
  ['undefined', undefined, 'undefined', 'undefined'],
  ['null', null, 'null', 'null'],
])('withSpan tells of %s that was thrown (E22)', (_what, thrown, message, type) => {
  const spans = recordSpans();
  let caught: unknown = 'nothing';
  try {
    withSpan('job', () => {
      throw thrown;
    });
  } catch (error) {
    caught = error;
  }
  expect(caught).toBe(thrown);
  expect(spans()[0]?.status.message).toBe(message);
  expect(spans()[0]?.attributes['error.type']).toBe(type);
});

test('a promise of a class of its own comes back as it is, with its members', async () => {
  recordSpans();
  class OwnPromise<T> extends Promise<T> {}
  const promise = OwnPromise.resolve(1);
  expect(withSpan('job', () => promise)).toBe(promise);
  await promise;
});

test('withSpan runs a lazy query builder once, inside the span', async () => {
  const spans = recordSpans();
  let runs = 0;
  let active: string | undefined;
  // What knex and drizzle hand out: each `then` runs the query.
  const builder = Object.defineProperty({} as PromiseLike<string>, 'then', {
    value(resolve: (rows: string) => string, reject: (error: unknown) => never) {
      runs += 1;
      active = trace.getActiveSpan()?.spanContext().spanId;
      return Promise.resolve('rows').then(resolve, reject);
    },
  });
  expect(await withSpan('job', () => builder)).toBe('rows');
  expect(runs).toBe(1);
  expect(spans()[0]?.spanContext().spanId).toBe(active);
});

test('withSpan without any provider runs the function and nothing else', () => {
  expect(withSpan('job', () => 1)).toBe(1);
});

test('withSpan without a function says what it expected', () => {
  expect(() => Reflect.apply(withSpan, undefined, ['job', {}])).toThrow(
    new TypeError('withSpan: expected a function as the last argument; got undefined'),
  );
});

test('a rejection that nobody handles stays unhandled, as it would without the span', async () => {
  recordSpans();
  const error = new Error('nobody waits');
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  onTestFinished(() => {
    for (const listener of listeners) process.on('unhandledRejection', listener);
  });
  const unhandled = once(process, 'unhandledRejection');
  void withSpan('job', async () => {
    await Promise.resolve();
    throw error;
  });
  expect((await unhandled)[0]).toBe(error);
});

test('the promise of the span rejects with the very error', async () => {
  recordSpans();
  const error = new Error('for the caller');
  await expect(withSpan('job', () => Promise.reject(error))).rejects.toBe(error);
});

test.each([
  ['an error whose message throws', () => Object.defineProperty(new Error(), 'message', { get: refuse })],
  ['an object without a prototype', () => Object.create(null) as object],
  [
    'a proxy that refuses everything',
    () => new Proxy({}, { get: refuse, getPrototypeOf: refuse, has: refuse }),
  ],
])('withSpan passes on %s as it is, and ends the span as failed', (_what, make) => {
  const spans = recordSpans();
  const thrown = make();
  let caught: unknown;
  try {
    withSpan('job', () => {
      throw thrown;
    });
  } catch (error) {
    caught = error;
  }
  expect(Object.is(caught, thrown)).toBe(true);
  expect(spans()[0]?.status.code).toBe(SpanStatusCode.ERROR);
});

function refuse(): never {
  throw new Error('refused');
}
