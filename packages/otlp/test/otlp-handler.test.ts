import { gzipSync } from 'node:zlib';

import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import protobuf from 'protobufjs';
import { expect, test } from 'vitest';

import { post, servedHandler, SPAN_ID, spanRequest, TRACE_ID } from './support/served-handler.ts';

test('hand-made JSON is read: hex ids, 64-bit integers as text or number, unknown fields ignored', async () => {
  const { url, spans } = await servedHandler();
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
  expect(await post(`${url}/v1/traces`, spanRequest(span))).toEqual({
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
  const { url, logs } = await servedHandler();
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

test('a log record without a body has an empty one, in JSON and in protobuf', async () => {
  const { url, logs } = await servedHandler();
  const json = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ eventName: 'paid' }] }] }] });
  expect((await post(`${url}/v1/logs`, json)).status).toBe(200);
  // `resource_logs`, `scope_logs` and `log_records` around `event_name`, each by its number and length.
  const bytes = Buffer.from([0x0a, 10, 0x12, 8, 0x12, 6, 0x62, 4, ...Buffer.from('paid')]);
  const headers = { 'content-type': 'application/x-protobuf' };
  expect((await post(`${url}/v1/logs`, bytes, headers)).status).toBe(200);
  expect(logs).toMatchObject([
    { body: '', eventName: 'paid' },
    { body: '', eventName: 'paid' },
  ]);
});

const valid = spanRequest({ traceId: TRACE_ID, spanId: SPAN_ID, name: 'work' });
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
];

for (const [what, body, headers, status, text] of refusals) {
  test(`${what} is refused with ${status} and the reason`, async () => {
    const { url, spans, exports } = await servedHandler();
    const answer = await post(`${url}/v1/traces`, body, headers);
    expect(answer.status).toBe(status);
    expect(answer.body.toString()).toMatch(text);
    expect(answer.type).toBe(headers['content-type'] ? 'text/plain; charset=utf-8' : 'application/json');
    expect([spans, exports]).toEqual([[], []]);
  });
}

test('a broken protobuf body is refused with a google.rpc.Status', async () => {
  const { url } = await servedHandler();
  const answer = await post(`${url}/v1/traces`, Buffer.from('ff', 'hex'), {
    'content-type': 'application/x-protobuf',
  });
  expect(answer).toMatchObject({ status: 400, type: 'application/x-protobuf' });
  const reader = protobuf.Reader.create(answer.body);
  expect([reader.uint32(), reader.int32(), reader.uint32()]).toEqual([0x08, 3, 0x12]);
  expect(reader.string()).toMatch(/^the body is no ExportTraceServiceRequest in protobuf/);
});

test('a body past the limit is refused with 413, packed or not', async () => {
  const { url } = await servedHandler({ limits: { bodyBytes: 1000 } });
  const large = spanRequest({ traceId: TRACE_ID, spanId: SPAN_ID, name: 'x'.repeat(5_000_000) });
  expect((await post(`${url}/v1/traces`, large)).status).toBe(413);
  const packed = await post(`${url}/v1/traces`, gzipSync(large), { 'content-encoding': 'gzip' });
  expect(packed.status).toBe(413);
  expect((await post(`${url}/v1/traces`, valid)).status).toBe(200);
});

test('another path is answered with 404, another method with 405, as the request is encoded', async () => {
  const { url } = await servedHandler();
  const metrics = await post(`${url}/v1/metrics`, '{}');
  expect([metrics.status, metrics.type, JSON.parse(metrics.body.toString())]).toEqual([
    404,
    'application/json',
    {
      code: 5,
      message:
        'expected /v1/traces or /v1/logs, got /v1/metrics: set OTEL_METRICS_EXPORTER=none where they are made',
    },
  ]);
  expect((await post(`${url}/v1/traces?key=1`, valid)).status).toBe(200);
  const got = await fetch(`${url}/v1/traces`);
  expect([got.status, got.headers.get('allow'), await got.text()]).toEqual([
    405,
    'POST',
    'expected POST, got GET',
  ]);
});

test('a client that leaves in the middle of a body does no harm', async () => {
  const { url, spans, answered } = await servedHandler();
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
  expect((await post(`${url}/v1/traces`, valid)).status).toBe(200);
  await Promise.all(answered);
  expect(spans).toHaveLength(1);
});
