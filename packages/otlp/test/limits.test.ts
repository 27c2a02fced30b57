import { createServer, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';

import { diag, DiagLogLevel } from '@opentelemetry/api';
import protobuf from 'protobufjs';
import { expect, onTestFinished, test } from 'vitest';

import { otlpHandler, type OtlpLimits } from '../src/index.ts';
import { logsResponse, rpcStatus, traceRequest, traceResponse } from '../src/otlp-definitions.ts';
import { post, servedHandler, SPAN_ID, spanRequest, TRACE_ID } from './support/served-handler.ts';

const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const ids = { traceId: TRACE_ID, spanId: SPAN_ID };
const good = { ...ids, name: 'good' };
const attributes = (count: number): object[] =>
  Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: { intValue: index } }));

const refused: [what: string, limits: OtlpLimits, span: object, reason: RegExp][] = [
  [
    'a trace id that is too short',
    {},
    { ...ids, traceId: 'ab' },
    /^trace_id of span "bad": expected 16 bytes.*"ab"$/,
  ],
  ['a trace id that is no hex', {}, { ...ids, traceId: 'x'.repeat(32) }, /^trace_id of span "bad".*"x{32}"$/],
  ['no trace id', {}, { spanId: SPAN_ID }, /^trace_id of span "bad": expected 16 bytes.*got ""$/],
  ['a span id of zeros', {}, { ...ids, spanId: '0'.repeat(16) }, /^span_id of span "bad".*"0{16}"$/],
  [
    'a parent id that is too long',
    {},
    { ...ids, parentSpanId: '1'.repeat(18) },
    /^parent_span_id of span "bad"/,
  ],
  ['a link without ids', {}, { ...ids, links: [{}] }, /^trace_id of a link of span "bad"/],
  [
    'too many attributes',
    { attributes: 2 },
    { ...ids, attributes: attributes(3) },
    /^span "bad" has 3 attributes, more than the 2 that are taken: set OTEL_/,
  ],
  [
    'too many attributes of an event',
    { attributes: 2 },
    { ...ids, events: [{ attributes: attributes(3) }] },
    /^an event of span "bad" has 3 attributes/,
  ],
  [
    'too many events',
    { events: 1 },
    { ...ids, events: [{}, {}] },
    /^span "bad" has 2 events, more than the 1 that are taken: set OTEL_SPAN_EVENT_COUNT_LIMIT/,
  ],
  [
    'too many links',
    { links: 1 },
    { ...ids, links: [ids, ids] },
    /^span "bad" has 2 links.*OTEL_SPAN_LINK_COUNT_LIMIT/,
  ],
  [
    'too long a value',
    { textLength: 20 },
    { ...ids, attributes: [{ key: 'sql', value: { stringValue: 'x'.repeat(21) } }] },
    /^attribute "sql" of span "bad" has 21 characters, more than the 20/,
  ],
  [
    'too long a list',
    { textLength: 20 },
    {
      ...ids,
      attributes: [
        {
          key: 'list',
          value: {
            arrayValue: { values: [{ stringValue: 'x'.repeat(11) }, { stringValue: 'x'.repeat(11) }] },
          },
        },
      ],
    },
    /^attribute "list" of span "bad" has 22 characters/,
  ],
  [
    'too long a status',
    { textLength: 20 },
    { ...ids, status: { message: 'x'.repeat(21) } },
    /^the status of span "bad" has 21 characters/,
  ],
];

for (const [what, limits, span, reason] of refused) {
  test(`${what} refuses that span, and takes the others`, async () => {
    const { url, spans, exports } = await servedHandler({ limits });
    const answer = await post(`${url}/v1/traces`, spanRequest({ ...span, name: 'bad' }, good));
    expect(answer.status).toBe(200);
    const { partialSuccess } = JSON.parse(answer.body.toString());
    expect(partialSuccess.rejectedSpans).toBe('1');
    expect(partialSuccess.errorMessage.replace('1 span was refused: ', '')).toMatch(reason);
    expect(spans).toMatchObject([{ name: 'good' }]);
    expect(exports[0]?.partial).toEqual({ rejected: 1, message: partialSuccess.errorMessage });
  });
}

test('a resource past the limits refuses its spans, and takes those of others', async () => {
  const { url, spans } = await servedHandler({ limits: { attributes: 2 } });
  const body = {
    resourceSpans: [
      { resource: { attributes: attributes(3) }, scopeSpans: [{ spans: [good, good] }, { spans: [good] }] },
      { scopeSpans: [{ spans: [good] }] },
    ],
  };
  const answer = await post(`${url}/v1/traces`, JSON.stringify(body));
  expect(JSON.parse(answer.body.toString())).toMatchObject({ partialSuccess: { rejectedSpans: '3' } });
  expect(spans).toHaveLength(1);
});

test('what is refused is told in protobuf too, for spans and for log records', async () => {
  const { url, logs } = await servedHandler({ limits: { textLength: 5 } });
  const bad = { traceId: Buffer.from(TRACE_ID, 'hex'), spanId: Buffer.alloc(8), name: 'bad' };
  const spans = traceRequest.encode({ resourceSpans: [{ scopeSpans: [{ spans: [bad, bad] }] }] }).finish();
  const told = traceResponse.decode((await post(`${url}/v1/traces`, spans, PROTOBUF)).body).toJSON();
  expect(told).toEqual({
    partialSuccess: {
      rejectedSpans: '2',
      errorMessage: expect.stringMatching(/^2 spans were refused: span_id of span "bad": [^;]*$/),
    },
  });
  const logRecords = [{ body: { stringValue: 'longer' } }, { body: { stringValue: 'short' } }];
  const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
  const answer = JSON.parse((await post(`${url}/v1/logs`, body)).body.toString());
  expect(answer).toEqual({
    partialSuccess: {
      rejectedLogRecords: '1',
      errorMessage: expect.stringContaining('1 log record was refused: the body of a log record has 6 char'),
    },
  });
  expect(logs).toMatchObject([{ body: 'short' }]);
  expect(logsResponse.fullName).toContain('ExportLogsServiceResponse');
});

test('more spans than a request may bring are refused with it, and nothing is taken', async () => {
  const { url, spans } = await servedHandler({ limits: { records: 2 } });
  const answer = await post(`${url}/v1/traces`, spanRequest(good, good, good));
  expect([answer.status, JSON.parse(answer.body.toString())]).toEqual([
    413,
    {
      code: 8,
      message:
        'the request has 3 spans, more than the 2 that are taken: send fewer in one, as with OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
    },
  ]);
  expect(spans).toEqual([]);
});

test('a small body that would be much in memory is refused with 413', async () => {
  const { url } = await servedHandler({ limits: { bodyBytes: 1_000_000 } });
  // One list of 450 000 values without anything in them, two bytes each.
  const values = Buffer.alloc(900_000, Buffer.from('0a00', 'hex'));
  let body: Buffer = values;
  for (const field of [5, 2, 9, 2, 2, 1]) {
    const writer = protobuf.Writer.create()
      .uint32((field << 3) | 2)
      .bytes(body);
    body = Buffer.from(writer.finish());
  }
  const answer = await post(`${url}/v1/traces`, gzipSync(body), { ...PROTOBUF, 'content-encoding': 'gzip' });
  expect(answer.status).toBe(413);
  expect(rpcStatus.decode(answer.body).toJSON()).toMatchObject({
    message: expect.stringContaining('too many small messages'),
  });
  const json = gzipSync(`{"resourceSpans":[${'{},'.repeat(200_000)}{}]}`);
  const inJson = await post(`${url}/v1/traces`, json, { 'content-encoding': 'gzip' });
  expect([inJson.status, inJson.body.toString()]).toEqual([
    413,
    expect.stringContaining('too many small messages'),
  ]);
});

test('a body that is too large is read to its end, so that the client hears the answer', async () => {
  const { port } = await servedHandler({ limits: { bodyBytes: 1000 } });
  const sent = httpRequest({
    port,
    path: '/v1/traces',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  sent.end(Buffer.alloc(20_000_000, 'x'));
  const [response] = await once(sent, 'response');
  response.resume();
  expect(response.statusCode).toBe(413);
});

test('a body that does not end in time is answered with 408, and the connection closed', async () => {
  const { port, answered } = await servedHandler({ limits: { bodyMillis: 50 } });
  const socket = connect(port, '127.0.0.1');
  socket.write(
    'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
  );
  let text = '';
  socket.on('data', (chunk) => (text += String(chunk)));
  await once(socket, 'close');
  expect(text).toMatch(/^HTTP\/1\.1 408 .*connection: close.*the body did not end within 50 ms/is);
  await Promise.all(answered);
});

test('what takes the records may throw: the client gets 500, diag the error', async () => {
  const told: unknown[][] = [];
  const write = (...line: unknown[]): void => void told.push(line);
  diag.setLogger(
    { error: write, warn: write, info: write, debug: write, verbose: write },
    DiagLogLevel.ERROR,
  );
  onTestFinished(() => diag.disable());
  const boom = new Error('disk full');
  const { url } = await servedHandler({
    takeSpans: () => {
      throw boom;
    },
  });
  const answer = await post(`${url}/v1/traces`, spanRequest(good));
  expect([answer.status, answer.body.toString()]).toEqual([500, '{"code":13,"message":"disk full"}']);
  expect(told).toEqual([['otlpHandler: what takes the records failed', boom]]);
});

test('a request that another has begun to answer is cut, and the promise does not reject', async () => {
  const handler = otlpHandler({ takeSpans: () => undefined, takeLogs: () => undefined });
  const handled: Promise<void>[] = [];
  const server = createServer((request, response) => {
    response.writeHead(200).write('begun');
    handled.push(handler(request, response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  await expect(post(`http://127.0.0.1:${port}/v1/traces`, spanRequest(good))).rejects.toThrow('terminated');
  expect(await Promise.all(handled)).toEqual([undefined]);
});

test('a body that another has read is said to be, not waited for', async () => {
  const handler = otlpHandler({ takeSpans: () => undefined, takeLogs: () => undefined });
  const server = createServer(async (request, response) => {
    request.resume();
    await once(request, 'end');
    await handler(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  const answer = await post(`http://127.0.0.1:${port}/v1/traces`, spanRequest(good));
  expect([answer.status, answer.body.toString()]).toEqual([500, expect.stringContaining('no body parser')]);
});

test.each([[0], [-1], [1.5], [Number.NaN], ['10']])('a limit of %s is a TypeError', (records) => {
  const options = { takeSpans: () => undefined, takeLogs: () => undefined };
  expect(() => otlpHandler({ ...options, limits: { records: records as number } })).toThrow(
    `limits.records: expected a whole number above 0, got ${String(records)}`,
  );
});
