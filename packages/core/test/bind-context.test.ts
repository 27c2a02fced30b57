import { AsyncResource } from 'node:async_hooks';

import { context, createContextKey, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';

import { bindContext } from '../src/bind-context.ts';
import { withSpan } from '../src/with-span.ts';
import { recordSpans } from './support/recorded-spans.ts';

const activeSpan = (): unknown => trace.getActiveSpan()?.spanContext().spanId;

test('a bound function runs in the context that it was bound in, whoever calls it', () => {
  recordSpans();
  const { bound, bare, own } = withSpan('first', (span) => ({
    bound: bindContext(activeSpan),
    bare: activeSpan,
    own: span.spanContext().spanId,
  }));
  const other = withSpan('second', (span) => [bound(), bare() === span.spanContext().spanId]);
  expect(other).toEqual([own, true]);
  expect(new AsyncResource('elsewhere').runInAsyncScope(bound)).toBe(own);
});

test('a bound function passes on this, arguments, result and errors', () => {
  recordSpans();
  const receiver = {
    factor: 3,
    times: bindContext(function times(this: { factor: number }, ...numbers: number[]): number[] {
      if (numbers.length === 0) throw new RangeError('no numbers');
      return numbers.map((number) => number * this.factor);
    }),
  };
  expect(receiver.times(1, 2)).toEqual([3, 6]);
  expect(() => receiver.times()).toThrow(new RangeError('no numbers'));
});

test('another context may be given', () => {
  recordSpans();
  const key = createContextKey('tenant');
  const bound = bindContext(() => context.active().getValue(key), ROOT_CONTEXT.setValue(key, 'blue'));
  expect(bound()).toBe('blue');
});

test('what is no function is refused', () => {
  expect(() => bindContext('run' as never)).toThrow(
    new TypeError('bindContext: expected a function; got string'),
  );
});
