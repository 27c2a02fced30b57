import { type Context, context, propagation, ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api';
import { expect, onTestFinished, test } from 'vitest';

import { type CarrierAdapter, extractContext, injectContext } from '../src/carrier.ts';
import { sqsAttributes } from '../src/carrier-sqs.ts';
import { initTracing } from '../src/init-tracing.ts';
import { collectWarnings } from './support/started.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const PARENT = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
};

/** The default propagators, registered for the length of a test; the context to carry. */
function start(): Context {
  const tracing = initTracing({ serviceName: 'test', exporter: 'none', outgoingHttp: false });
  onTestFinished(() => tracing.shutdown());
  const baggage = propagation.createBaggage({ request_id: { value: 'r-1' } });
  return propagation.setBaggage(trace.setSpanContext(ROOT_CONTEXT, PARENT), baggage);
}

/** What came: the ids of the span, and the request id of the baggage. */
function carried(from: Context): object | undefined {
  const { traceId, spanId } = trace.getSpanContext(from) ?? {};
  const requestId = propagation.getBaggage(from)?.getEntry('request_id')?.value;
  return traceId === undefined ? undefined : { traceId, spanId, requestId };
}

const ALL = { traceId: PARENT.traceId, spanId: PARENT.spanId, requestId: 'r-1' };
const FIELDS = { traceparent: TRACEPARENT, baggage: 'request_id=r-1' };

const bytes = (text: string): Buffer => Buffer.from(text);

test('a context is written into an object, a Map and Headers, and comes out of each (Q1)', () => {
  const from = start();
  const object = injectContext({}, from);
  expect(object).toEqual(FIELDS);
  const map = injectContext(new Map<string, string>(), from);
  expect(Object.fromEntries(map)).toEqual(FIELDS);
  const headers = injectContext(new Headers(), from);
  expect(Object.fromEntries(headers)).toEqual(FIELDS);
  for (const carrier of [object, map, headers]) expect(carried(extractContext(carrier))).toEqual(ALL);
});

test('a context is written into the attributes of SQS, and comes out of them', () => {
  const from = start();
  const attributes = {};
  injectContext(sqsAttributes(attributes), from);
  expect(attributes).toEqual({
    traceparent: { DataType: 'String', StringValue: TRACEPARENT },
    baggage: { DataType: 'String', StringValue: 'request_id=r-1' },
  });
  expect(carried(extractContext(attributes))).toEqual(ALL);
  expect(carried(extractContext(sqsAttributes(attributes)))).toEqual(ALL);
});

test.each<[string, unknown]>([
  ['Kafka: values are Buffers', { traceparent: bytes(TRACEPARENT), baggage: bytes('request_id=r-1') }],
  ['Kafka: arrays of Buffers', { traceparent: [bytes(TRACEPARENT)], baggage: [bytes('request_id=r-1')] }],
  ['Kafka: a header that is there twice', { ...FIELDS, baggage: [bytes('a=1'), bytes('request_id=r-1')] }],
  ['AMQP: texts and Buffers among other values', { ...FIELDS, 'x-death': [{ count: 2 }], priority: 3 }],
  [
    'SQS in Lambda',
    { traceparent: { dataType: 'String', stringValue: TRACEPARENT }, baggage: FIELDS.baggage },
  ],
  ['SNS in a queue', { ...FIELDS, traceparent: { Type: 'String', Value: TRACEPARENT } }],
  ['SQS: binary', { ...FIELDS, traceparent: { DataType: 'Binary', BinaryValue: bytes(TRACEPARENT) } }],
  ['a column of JSON', JSON.stringify({ ...FIELDS, other: [1] })],
  ['an object without a prototype', Object.assign(Object.create(null), FIELDS)],
  ['names in another case', { Traceparent: TRACEPARENT, BAGGAGE: 'request_id=r-1' }],
  [
    'a Map of Buffers in another case',
    new Map([
      ['TraceParent', bytes(TRACEPARENT)],
      ['Baggage', bytes(FIELDS.baggage)],
    ]),
  ],
])('a context is read from %s', (_what, carrier) => {
  const warnings = collectWarnings();
  start();
  expect(carried(extractContext(carrier))).toEqual(ALL);
  expect(warnings).toEqual([]);
});

test('an adapter reaches a carrier of any other shape: a list of headers, as node-rdkafka has it', () => {
  const from = start();
  const list: Record<string, Buffer>[] = [{ other: bytes('1') }];
  const adapter: CarrierAdapter = {
    get: (name) => list.find((header) => Object.hasOwn(header, name))?.[name],
    set: (name, value) => list.push({ [name]: bytes(value) }),
    keys: () => list.flatMap((header) => Object.keys(header)),
  };
  expect(injectContext(adapter, from)).toBe(adapter);
  expect(list).toEqual([
    { other: bytes('1') },
    { traceparent: bytes(TRACEPARENT) },
    { baggage: bytes('request_id=r-1') },
  ]);
  expect(carried(extractContext(adapter))).toEqual(ALL);
});

test('a carrier that is used again holds one context, without what an earlier trace left, in any case (X7, Q3)', () => {
  const from = start();
  const old = {
    Traceparent: '00-11111111111111111111111111111111-2222222222222222-01',
    tracestate: 'vendor=old',
    Baggage: 'old=1',
    other: 'stays',
  };
  const bare = propagation.deleteBaggage(from);
  expect(injectContext({ ...old }, bare)).toEqual({ Traceparent: TRACEPARENT, other: 'stays' });
  const map = injectContext(new Map(Object.entries(old)), bare);
  expect(Object.fromEntries(map)).toEqual({ Traceparent: TRACEPARENT, other: 'stays' });
});

test('the active context is written by default; what is read is not mixed with it', () => {
  const from = start();
  context.with(from, () => {
    expect(injectContext({})).toEqual(FIELDS);
    expect(carried(extractContext({}))).toBeUndefined();
    expect(extractContext({}, context.active())).toBe(from);
  });
});

test('a carrier that is not there carries nothing and is no failure: its sender may not be traced (Q2)', () => {
  const warnings = collectWarnings();
  start();
  for (const carrier of [undefined, null, '', 'null', 42]) {
    expect(extractContext(carrier)).toBe(ROOT_CONTEXT);
  }
  expect(warnings).toEqual([]);
});

function refuse(reason: string): () => never {
  return () => {
    throw new Error(reason);
  };
}

const hostile: readonly [string, () => unknown, string][] = [
  ['null', () => null, 'null is no carrier'],
  ['undefined', () => undefined, 'undefined is no carrier'],
  ['a text', () => '{}', 'a text cannot be written to, an object can'],
  ['an array', () => [], 'TypeError: an array is no carrier, an adapter { get, set, keys } is'],
  [
    'a frozen object',
    () => Object.freeze({}),
    'TypeError: Cannot add property traceparent, object is not extensible',
  ],
  [
    'a setter that throws',
    () => ({ get: () => undefined, set: refuse('no set'), keys: () => [] }),
    'Error: no set',
  ],
  ['a proxy that refuses everything', () => new Proxy({}, { get: refuse('no get') }), 'Error: no get'],
];

test.each(hostile)('%s takes no context, throws nothing, and is told once (Q2)', (_what, make, reason) => {
  const warnings = collectWarnings();
  const from = start();
  const carrier = make();
  for (let again = 0; again < 3; again++) expect(injectContext(carrier, from)).toBe(carrier);
  expect(warnings).toEqual([`no context is written into a carrier: ${reason}; this is said once`]);
});

const unreadable: readonly [string, () => unknown, string][] = [
  [
    'getters that throw',
    () => Object.defineProperty({}, 'traceparent', { get: refuse('no getter') }),
    'Error: no getter',
  ],
  ['an array', () => [FIELDS], 'TypeError: an array is no carrier, an adapter { get, set, keys } is'],
  ['a text that is no JSON', () => '{"password": "s3cret"', 'SyntaxError: a text that is no JSON'],
  ['the JSON of a list', () => '[1]', 'TypeError: a text that is no JSON of an object'],
  [
    'a huge text',
    () => JSON.stringify({ ...FIELDS, a: 'a'.repeat(70_000) }),
    'RangeError: a text of more than 65536 characters',
  ],
  [
    'a huge value',
    () => ({ traceparent: 'a'.repeat(20_000) }),
    'RangeError: a field of more than 16384 bytes',
  ],
  [
    'keys that throw',
    () => ({ get: () => undefined, set: () => undefined, keys: refuse('no keys') }),
    'Error: no keys',
  ],
];

test.each(unreadable)('%s carry nothing, throw nothing, and are told once', (_what, make, reason) => {
  const warnings = collectWarnings();
  start();
  for (let again = 0; again < 3; again++) expect(carried(extractContext(make()))).toBeUndefined();
  expect(warnings).toEqual([`no context is read from a carrier: ${reason}; this is said once`]);
});

test('a carrier with a hundred thousand fields is read by its own names, and not searched to its end', () => {
  const from = start();
  const many = Object.fromEntries(Array.from({ length: 100_000 }, (_none, index) => [`key-${index}`, index]));
  expect(carried(extractContext({ ...many, ...FIELDS }))).toEqual(ALL);
  let read = 0;
  const endless: CarrierAdapter = {
    get: () => undefined,
    set: () => undefined,
    *keys() {
      for (;;) yield `key-${read++}`;
    },
  };
  expect(extractContext(endless)).toBe(ROOT_CONTEXT);
  expect(injectContext(endless, from)).toBe(endless);
  expect(read).toBeLessThanOrEqual(2000);
});

test('what an attacker puts into a carrier changes no prototype and gives no span', () => {
  start();
  const carrier: unknown = JSON.parse(`{"__proto__": {"traceparent": "${TRACEPARENT}"}, "constructor": 1}`);
  expect(extractContext(carrier)).toBe(ROOT_CONTEXT);
  expect(extractContext(Object.create(FIELDS))).toBe(ROOT_CONTEXT);
});

test('without a propagator nothing is written, whatever the carrier', () => {
  const from = trace.setSpanContext(ROOT_CONTEXT, PARENT);
  const warnings = collectWarnings();
  expect(injectContext({}, from)).toEqual({});
  expect(injectContext(null, from)).toBeNull();
  expect(extractContext(FIELDS)).toBe(ROOT_CONTEXT);
  expect(warnings).toEqual([]);
});
