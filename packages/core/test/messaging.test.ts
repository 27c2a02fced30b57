import {
  context,
  createContextKey,
  INVALID_SPAN_CONTEXT,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { type ReadableSpan, SamplingDecision } from '@opentelemetry/sdk-trace-node';
import { expect, test } from 'vitest';

import { sqsAttributes } from '../src/carrier-sqs.ts';
import { withConsumerSpan, withProducerSpan } from '../src/messaging.ts';
import { withSpan } from '../src/with-span.ts';
import { recordSpans } from './support/recorded-spans.ts';
import { spansOf } from './support/started.ts';

const ORDERS = { system: 'pg-boss', destination: 'orders' } as const;

function traceparentOf(span: ReadableSpan | undefined): string {
  const { traceId = '', spanId = '' } = span?.spanContext() ?? {};
  return `00-${traceId}-${spanId}-01`;
}

function named(spans: readonly ReadableSpan[], name: string): ReadableSpan {
  const found = spans.filter((span) => span.name === name);
  expect(found, name).toHaveLength(1);
  return found[0] as ReadableSpan;
}

/** Sends one message from a request. @returns Its carrier. */
function sendOne(options: object = {}): Record<string, string> {
  return withSpan('request', () => {
    const carrier: Record<string, string> = {};
    withProducerSpan({ ...ORDERS, ...options }, carrier, () => 'sent');
    return carrier;
  });
}

test('a producer is one PRODUCER span, child of the active one, and its context is in the carrier (Q4)', async () => {
  const spans = recordSpans();
  const carrier = {};
  const sent = await withSpan('request', async () =>
    withProducerSpan({ ...ORDERS, messageId: 'm-1', attributes: { a: 1 } }, carrier, async (span) => {
      expect(trace.getActiveSpan()).toBe(span);
      expect(carrier).toEqual({ traceparent: expect.stringContaining(span.spanContext().spanId) });
      await Promise.resolve();
      return 'sent';
    }),
  );

  expect(sent).toBe('sent');
  const span = named(spans(), 'send orders');
  expect(span).toMatchObject({ kind: SpanKind.PRODUCER, status: { code: SpanStatusCode.UNSET }, links: [] });
  expect(span.parentSpanContext?.spanId).toBe(named(spans(), 'request').spanContext().spanId);
  expect(span.attributes).toEqual({
    a: 1,
    'messaging.system': 'pg-boss',
    'messaging.destination.name': 'orders',
    'messaging.operation.name': 'send',
    'messaging.operation.type': 'send',
    'messaging.message.id': 'm-1',
  });
  expect(carrier).toEqual({ traceparent: traceparentOf(span) });
});

test('a consumer is by default a CONSUMER span of a trace of its own, with one link to the producer (Q5)', () => {
  const spans = recordSpans();
  const carrier = sendOne();
  const done = withConsumerSpan({ ...ORDERS, messageId: 'm-1' }, carrier, (span) => {
    expect(trace.getActiveSpan()).toBe(span);
    withSpan('work', () => undefined);
    return 'done';
  });

  expect(done).toBe('done');
  const producer = named(spans(), 'send orders');
  const consumer = named(spans(), 'process orders');
  expect(consumer).toMatchObject({ kind: SpanKind.CONSUMER, parentSpanContext: undefined });
  expect(consumer.spanContext().traceId).not.toBe(producer.spanContext().traceId);
  expect(consumer.links.map((link) => link.context)).toEqual([{ ...producer.spanContext(), isRemote: true }]);
  expect(named(spans(), 'work').parentSpanContext?.spanId).toBe(consumer.spanContext().spanId);
  expect(consumer.attributes).toEqual({
    'messaging.system': 'pg-boss',
    'messaging.destination.name': 'orders',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.message.id': 'm-1',
  });
});

test('with `parent: child` the consumer goes on with the trace of the producer (Q6)', () => {
  const spans = recordSpans();
  const carrier = sendOne();
  withConsumerSpan({ ...ORDERS, parent: 'child' }, carrier, () => undefined);

  const producer = named(spans(), 'send orders').spanContext();
  const consumer = named(spans(), 'process orders');
  expect(consumer.parentSpanContext).toEqual({ ...producer, isRemote: true });
  expect(consumer.spanContext().traceId).toBe(producer.traceId);
  expect(consumer.links.map(({ context: { spanId } }) => spanId)).toEqual([producer.spanId]);
});

test('a broker that delivers by HTTP: the consumer is a child of the request, or has a link to it as a child of the producer (Q5, Q6)', () => {
  const spans = recordSpans();
  const carrier = sendOne();
  withSpan('delivery', () => withConsumerSpan(ORDERS, carrier, () => undefined));
  withSpan('delivery', () => withConsumerSpan({ ...ORDERS, parent: 'child' }, carrier, () => undefined));

  const producer = named(spans(), 'send orders').spanContext();
  const [first, second] = spans().filter(({ name }) => name === 'delivery');
  const [linked, child] = spans().filter(({ name }) => name === 'process orders');
  expect(linked?.parentSpanContext?.spanId).toBe(first?.spanContext().spanId);
  expect(linked?.links.map((link) => link.context.spanId)).toEqual([producer.spanId]);
  expect(child?.parentSpanContext?.spanId).toBe(producer.spanId);
  expect(child?.links.map((link) => link.context.spanId)).toEqual([
    producer.spanId,
    second?.spanContext().spanId,
  ]);
});

test('a batch is one span with a link for each message that carries a context, the id of its message on it (Q7)', () => {
  const spans = recordSpans();
  const carriers: unknown[] = Array.from({ length: 10 }, () => sendOne());
  carriers.splice(3, 0, {}, undefined);
  const ids = carriers.map((_carrier, index) => `m-${index}`);
  withConsumerSpan({ ...ORDERS, messageId: ids }, carriers, () => undefined);

  const producers = spans().filter(({ kind }) => kind === SpanKind.PRODUCER);
  const batch = named(spans(), 'process orders');
  const expectedIds = ids.toSpliced(3, 2);
  expect(batch.links.map(({ context: { spanId }, attributes }) => [spanId, attributes])).toEqual(
    producers.map((span, index) => [
      span.spanContext().spanId,
      { 'messaging.message.id': expectedIds[index] },
    ]),
  );
  expect(batch.parentSpanContext).toBeUndefined();
  expect(batch.attributes).toEqual({
    'messaging.system': 'pg-boss',
    'messaging.destination.name': 'orders',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.batch.message_count': 12,
  });
});

test('a batch that is sent is one span, whose context every message carries', () => {
  const spans = recordSpans();
  const carriers = [{}, new Map<string, string>(), {}];
  withProducerSpan(ORDERS, carriers, () => undefined);

  const batch = named(spans(), 'send orders');
  const traceparent = traceparentOf(batch);
  expect(carriers).toEqual([{ traceparent }, new Map([['traceparent', traceparent]]), { traceparent }]);
  expect(batch.attributes['messaging.batch.message_count']).toBe(3);
});

test('an empty batch is a batch of none', () => {
  const spans = recordSpans();
  withConsumerSpan(ORDERS, [], () => undefined);
  expect(named(spans(), 'process orders')).toMatchObject({
    links: [],
    attributes: { 'messaging.batch.message_count': 0 },
  });
});

test.each(['link', 'child'] as const)(
  'the baggage of the message is active in its consumer (%s)',
  (parent) => {
    const spans = recordSpans();
    const baggage = propagation.createBaggage({ request_id: { value: 'r-1' } });
    const carrier = context.with(propagation.setBaggage(context.active(), baggage), () => sendOne());
    const seen = withConsumerSpan({ ...ORDERS, parent }, carrier, () =>
      propagation.getActiveBaggage()?.getAllEntries(),
    );
    expect(seen).toEqual([['request_id', { value: 'r-1' }]]);
    expect(propagation.getActiveBaggage()).toBeUndefined();
    expect(spans()).toHaveLength(3);
  },
);

test.each(['link', 'child'] as const)(
  'without a context in the message the consumer is a root without links (%s)',
  (parent) => {
    const spans = recordSpans();
    for (const carrier of [undefined, null, {}, { traceparent: 'nonsense' }]) {
      withConsumerSpan({ ...ORDERS, parent }, carrier, () => undefined);
    }
    expect(spans().map(({ parentSpanContext, links }) => [parentSpanContext, links])).toEqual(
      Array.from({ length: 4 }, () => [undefined, []]),
    );
  },
);

test('as a child of a message without context the consumer is a child of what is active, and nothing else', () => {
  const spans = recordSpans();
  withSpan('delivery', () => withConsumerSpan({ ...ORDERS, parent: 'child' }, {}, () => undefined));
  const consumer = named(spans(), 'process orders');
  expect(consumer.parentSpanContext?.spanId).toBe(named(spans(), 'delivery').spanContext().spanId);
  expect(consumer.links).toEqual([]);
});

test('as a child the consumer keeps what else is in the context, and has no link to a span that belongs to no trace', () => {
  const spans = recordSpans();
  const carrier = sendOne();
  const key = createContextKey('tenant');
  const around = trace.setSpanContext(ROOT_CONTEXT.setValue(key, 'acme'), INVALID_SPAN_CONTEXT);
  const seen = context.with(around, () =>
    withConsumerSpan({ ...ORDERS, parent: 'child' }, carrier, () => context.active().getValue(key)),
  );
  expect(seen).toBe('acme');
  expect(named(spans(), 'process orders').links).toHaveLength(1);
});

test('a name of the operation, a template of the destination, or none at all', () => {
  const spans = recordSpans();
  const { system } = ORDERS;
  withProducerSpan({ system, operation: 'publish', destination: 'a' }, {}, () => undefined);
  const destination = { destination: 'customers/7', destinationTemplate: 'customers/{id}' };
  withConsumerSpan({ system, ...destination }, {}, () => undefined);
  withConsumerSpan({ system }, {}, () => undefined);
  expect(spans().map(({ name, attributes }) => [name, attributes['messaging.operation.type']])).toEqual([
    ['publish a', 'send'],
    ['process customers/{id}', 'process'],
    ['process', 'process'],
  ]);
  expect(spans()[1]?.attributes).toMatchObject({
    'messaging.destination.name': 'customers/7',
    'messaging.destination.template': 'customers/{id}',
  });
});

test.each([withProducerSpan, withConsumerSpan])(
  '%o records an error once and throws the same on (Q10)',
  async (withMessageSpan) => {
    const spans = recordSpans();
    const error = new RangeError('too many');
    await expect(withMessageSpan(ORDERS, {}, () => Promise.reject(error))).rejects.toBe(error);
    const thrown = { not: 'an error' };
    let caught: unknown;
    try {
      withMessageSpan(ORDERS, {}, () => {
        throw thrown;
      });
    } catch (value) {
      caught = value;
    }
    expect(caught).toBe(thrown);
    expect(
      spans().map(({ status, attributes, events }) => [status, attributes['error.type'], events.length]),
    ).toEqual([
      [{ code: SpanStatusCode.ERROR, message: 'too many' }, 'RangeError', 1],
      [{ code: SpanStatusCode.ERROR, message: '{"not":"an error"}' }, 'Object', 1],
    ]);
  },
);

test('a carrier that takes nothing, or throws at every touch, is no matter of the application', () => {
  const spans = recordSpans();
  const refusing = new Proxy(
    {},
    { get: refuse, set: refuse, ownKeys: refuse, getOwnPropertyDescriptor: refuse },
  );
  for (const carrier of [null, Object.freeze({}), refusing, 'text', 7]) {
    expect(withProducerSpan(ORDERS, carrier, () => 'sent')).toBe('sent');
    expect(withConsumerSpan(ORDERS, carrier, () => 'done')).toBe('done');
  }
  expect(spans()).toHaveLength(10);
});

function refuse(): never {
  throw new Error('refused');
}

test('without any SDK a message is sent and processed, and its carrier stays as it is', () => {
  const carrier = {};
  expect(withProducerSpan(ORDERS, carrier, () => 'sent')).toBe('sent');
  expect(withConsumerSpan(ORDERS, carrier, () => 'done')).toBe('done');
  expect(withConsumerSpan({ ...ORDERS, parent: 'child' }, [carrier].at(0), () => 'done')).toBe('done');
  expect(carrier).toEqual({});
});

test('in an excluded request nothing is made and nothing is carried (X4)', () => {
  const spans = recordSpans();
  const carrier = {};
  context.with(suppressTracing(ROOT_CONTEXT), () => withProducerSpan(ORDERS, carrier, () => undefined));
  expect(carrier).toEqual({});
  expect(spans()).toEqual([]);
});

test('disabled, a producer passes on the trace that it is in', async () => {
  const carrier = {};
  const remote = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
  const spans = await spansOf(
    () =>
      context.with(trace.setSpanContext(ROOT_CONTEXT, remote), () =>
        withProducerSpan(ORDERS, carrier, () => undefined),
      ),
    { disabled: true },
  );
  expect(carrier).toEqual({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
  expect(spans).toEqual([]);
});

test('a message that is not sampled says so, and a sampler sees what the span is of', () => {
  const seen: unknown[] = [];
  recordSpans({
    shouldSample(_context, _traceId, name, kind, attributes, links) {
      seen.push([name, kind, attributes['messaging.destination.name'], links.length]);
      return { decision: SamplingDecision.NOT_RECORD };
    },
  });
  const carrier: Record<string, string> = {};
  withProducerSpan(ORDERS, carrier, () => undefined);
  withConsumerSpan(ORDERS, carrier, () => undefined);
  expect(carrier['traceparent']).toMatch(/-00$/);
  expect(seen).toEqual([
    ['send orders', SpanKind.PRODUCER, 'orders', 0],
    ['process orders', SpanKind.CONSUMER, 'orders', 1],
  ]);
});

test('under our own provider an unsampled message computes no attribute, a sampled one has them all', async () => {
  let reads = 0;
  const options = {
    ...ORDERS,
    get attributes() {
      reads += 1;
      return { a: 1 };
    },
  };
  await spansOf(() => withProducerSpan(options, {}, () => undefined), {
    sampler: 'always_off',
    exporter: 'none',
  });
  expect(reads).toBe(0);
  const [span] = await spansOf(() => withProducerSpan(options, {}, () => undefined));
  expect(span?.attributes).toMatchObject({ a: 1, 'messaging.system': 'pg-boss' });
});

test('message attributes of SQS carry a context from the producer to the consumer', () => {
  const spans = recordSpans();
  const MessageAttributes = {};
  withProducerSpan(
    { system: 'aws_sqs', destination: 'orders' },
    sqsAttributes(MessageAttributes),
    () => undefined,
  );
  withConsumerSpan({ system: 'aws_sqs', destination: 'orders' }, MessageAttributes, () => undefined);
  expect(named(spans(), 'process orders').links[0]?.context.spanId).toBe(
    named(spans(), 'send orders').spanContext().spanId,
  );
});

test.each<[string, () => unknown, string]>([
  [
    'no options',
    () => Reflect.apply(withProducerSpan, undefined, [undefined, {}, String]),
    'withProducerSpan: expected an object of options; got undefined (undefined)',
  ],
  [
    'no system',
    () => Reflect.apply(withConsumerSpan, undefined, [{}, {}, String]),
    'withConsumerSpan.system: expected a text; got undefined (undefined)',
  ],
  [
    'a destination',
    () => Reflect.apply(withProducerSpan, undefined, [{ ...ORDERS, destination: 7 }, {}, String]),
    'withProducerSpan.destination: expected a text; got 7 (number)',
  ],
  [
    'an operation',
    () => withProducerSpan({ ...ORDERS, operation: '' }, {}, String),
    "withProducerSpan.operation: expected a text; got '' (string)",
  ],
  [
    'a parent',
    () => Reflect.apply(withConsumerSpan, undefined, [{ ...ORDERS, parent: 'both' }, {}, String]),
    'withConsumerSpan.parent: expected "link" or "child"; got \'both\' (string)',
  ],
  [
    'the parent of a batch',
    () => withConsumerSpan({ ...ORDERS, parent: 'child' }, [{}], String),
    'withConsumerSpan.parent: expected "link" for a batch, which has many producers; got \'child\' (string)',
  ],
  [
    'no function',
    () => Reflect.apply(withConsumerSpan, undefined, [ORDERS, {}]),
    'withConsumerSpan: expected a function as the last argument; got undefined',
  ],
])('a wrong option is refused by its name: %s', (_what, call, message) => {
  const spans = recordSpans();
  expect(call).toThrow(new TypeError(message));
  expect(spans()).toEqual([]);
});
