import { gzipSync } from 'node:zlib';

import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import protobuf from 'protobufjs';
import { expect, onTestFinished, test } from 'vitest';

import { type OtlpReceiver, type OtlpReceiverOptions, startOtlpReceiver } from '../src/index.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';

async function receiver(options?: OtlpReceiverOptions): Promise<OtlpReceiver> {
  const started = await startOtlpReceiver(options);
  onTestFinished(() => started.close());
  return started;
}

async function post(url: string, body: string | Uint8Array, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  const type = response.headers.get('content-type');
  return { status: response.status, type, body: Buffer.from(await response.arrayBuffer()) };
}

function request(...spans: object[]): string {
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
}

test('hand-made JSON is read: hex ids, 64-bit integers as text or number, unknown fields ignored', async () => {
  const { url, spans } = await receiver();
  const attribute = (key: string, value: object) => ({ key, value });
  const span = {
    traceId: TRACE_ID.toUpperCase(),
    spanId: SPAN_ID,
    parentSpanId: null,
    name: 'work',
    kind: 3,
    startTimeUnixNano: '1700000000123456789',
    endTimeUnixNano: 1_700_000_001_000,
    someFieldOfTheFuture: { traceId: 'ab' },
    flags: 257,
    attributes: [
      attribute('text', { stringValue: '7' }),
      attribute('int as text', { intValue: '-7' }),
      attribute('int as number', { intValue: 7 }),
      attribute('double', { doubleValue: 0.5 }),
      attribute('flag', { boolValue: true }),
      attribute('list', { arrayValue: { values: [{ intValue: '1' }, { intValue: 2 }] } }),
      attribute('mixed', { arrayValue: { values: [{ intValue: '1' }, { stringValue: 'a' }] } }),
      attribute('map', { kvlistValue: { values: [attribute('a', { arrayValue: {} })] } }),
      attribute('bytes', { bytesValue: 'AAEC' }),
      { key: 'nothing' },
    ],
    status: { code: 1 },
  };
  expect(await post(`${url}/v1/traces`, request(span))).toEqual({
    status: 200,
    type: 'application/json',
    body: Buffer.from('{}'),
  });
  expect(spans).toEqual([
    {
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      name: 'work',
      kind: SpanKind.CLIENT,
      startTimeUnixNano: 1_700_000_000_123_456_789n,
      endTimeUnixNano: 1_700_000_001_000n,
      attributes: {
        text: '7',
        'int as text': -7,
        'int as number': 7,
        double: 0.5,
        flag: true,
        list: [1, 2],
        mixed: '[1,"a"]',
        map: '{"a":[]}',
        bytes: 'AAEC',
        nothing: 'null',
      },
      events: [],
      links: [],
      status: { code: SpanStatusCode.OK },
      serviceName: '',
      resourceAttributes: {},
      scope: { name: '' },
    },
  ]);
});

test('log records are taken at /v1/logs', async () => {
  const { url, logs } = await receiver();
  const logRecords = [
    {
      observedTimeUnixNano: '5',
      severityNumber: 17,
      severityText: 'ERROR',
      body: { stringValue: 'no stock' },
      attributes: [{ key: 'sku', value: { stringValue: 'a1' } }],
      traceId: TRACE_ID,
      spanId: SPAN_ID,
    },
    { timeUnixNano: '6', body: { kvlistValue: { values: [{ key: 'a', value: { intValue: 1 } }] } } },
  ];
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
  const body = JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] });
  expect((await post(`${url}/v1/logs`, body)).status).toBe(200);
  const common = { serviceName: 'shop', resourceAttributes: { 'service.name': 'shop' } };
  expect(logs).toEqual([
    {
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      timeUnixNano: 5n,
      severityNumber: 17,
      severityText: 'ERROR',
      body: 'no stock',
      attributes: { sku: 'a1' },
      ...common,
    },
    { timeUnixNano: 6n, severityNumber: 0, severityText: '', body: '{"a":1}', attributes: {}, ...common },
  ]);
});

const valid = request({ traceId: TRACE_ID, spanId: SPAN_ID, name: 'work' });
const refusals: [
  what: string,
  body: string | Uint8Array,
  headers: Record<string, string>,
  status: number,
  text: RegExp,
][] = [
  [
    'an unknown content type',
    valid,
    { 'content-type': 'text/csv' },
    415,
    /application\/x-protobuf or application\/json, got text\/csv/,
  ],
  ['an unknown content encoding', valid, { 'content-encoding': 'br' }, 415, /expected gzip or none, got br/],
  [
    'a body that is not gzip',
    valid,
    { 'content-encoding': 'gzip' },
    400,
    /no gzip: .*incorrect header check/,
  ],
  ['a body that is not JSON', '{', {}, 400, /no ExportTraceServiceRequest in json: .*JSON/],
  ['JSON of another shape', '{"resourceSpans":{}}', {}, 400, /resourceSpans: array/],
  ['an array', '[]', {}, 400, /object expected/],
  ['an id that is not hex', request({ traceId: 'xyz' }), {}, 400, /traceId: hex digits expected, got .*xyz/],
  [
    'a trace id that is too short',
    request({ traceId: 'ab', name: 'work' }),
    {},
    400,
    /trace_id of span .*work.*: expected 16 bytes/,
  ],
  [
    'a span id of zeros',
    request({ traceId: TRACE_ID, spanId: '0'.repeat(16) }),
    {},
    400,
    /span_id of span .*: expected 8 bytes/,
  ],
];

for (const [what, body, headers, status, text] of refusals) {
  test(`${what} is refused with ${status} and the reason`, async () => {
    const { url, spans, exports } = await receiver();
    const answer = await post(`${url}/v1/traces`, body, headers);
    expect(answer.status).toBe(status);
    expect(answer.body.toString()).toMatch(text);
    expect(answer.type).toBe(headers['content-type'] ? 'text/plain' : 'application/json');
    expect([spans, exports]).toEqual([[], []]);
  });
}

test('a broken protobuf body is refused with a google.rpc.Status', async () => {
  const { url } = await receiver();
  const answer = await post(`${url}/v1/traces`, Buffer.from('ff', 'hex'), {
    'content-type': 'application/x-protobuf',
  });
  expect(answer).toMatchObject({ status: 400, type: 'application/x-protobuf' });
  const reader = protobuf.Reader.create(answer.body);
  expect([reader.uint32(), reader.int32(), reader.uint32()]).toEqual([0x08, 3, 0x12]);
  expect(reader.string()).toMatch(/^the body is no ExportTraceServiceRequest in protobuf/);
});

test('a body past the limit is refused with 413, packed or not', async () => {
  const { url } = await receiver({ bodyLimitBytes: 1000 });
  const large = request({ traceId: TRACE_ID, spanId: SPAN_ID, name: 'x'.repeat(5_000_000) });
  expect((await post(`${url}/v1/traces`, large)).status).toBe(413);
  const packed = await post(`${url}/v1/traces`, gzipSync(large), { 'content-encoding': 'gzip' });
  expect(packed.status).toBe(413);
  expect((await post(`${url}/v1/traces`, valid)).status).toBe(200);
});

test('another path is answered with 404, another method with 405', async () => {
  const { url } = await receiver();
  const answer = await post(`${url}/v1/metrics`, '{}');
  expect([answer.status, answer.body.toString()]).toEqual([
    404,
    'expected /v1/traces or /v1/logs, got /v1/metrics',
  ]);
  expect((await fetch(`${url}/v1/traces`)).status).toBe(405);
});

test('a client that leaves in the middle of a body does no harm', async () => {
  const { url, spans, settled } = await receiver();
  const leave = new AbortController();
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(Buffer.from(valid.slice(0, 10))),
    pull: () => leave.abort(),
  });
  const left = fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    duplex: 'half',
    signal: leave.signal,
  });
  await expect(left).rejects.toThrow('aborted');
  await settled();
  expect((await post(`${url}/v1/traces`, valid)).status).toBe(200);
  expect(spans).toHaveLength(1);
});
