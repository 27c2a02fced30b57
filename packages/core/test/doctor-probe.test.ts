import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { expect, onTestFinished, test } from 'vitest';

import { doctor } from '../src/doctor/doctor.ts';
import type { DoctorReport } from '../src/doctor/doctor-report.ts';
import { probeFindings } from '../src/doctor/probe-findings.ts';
import { withSpan } from '../src/with-span.ts';
import { finding } from './support/codes.ts';
import { listen } from './support/listen.ts';
import { deadEndpoint, otlpSink } from './support/otlp-sink.ts';
import { collectWarnings, started } from './support/started.ts';

function pem(name: string): Buffer {
  return readFileSync(new URL(`fixtures/tls/${name}`, import.meta.url));
}

const SERVER_TLS = { cert: pem('server.pem'), key: pem('server-key.pem') };

async function probed(environment: Readonly<Record<string, string>>): Promise<DoctorReport> {
  collectWarnings();
  started({ serviceName: 'shop' }, environment);
  return doctor({ probe: true });
}

/** The code of what the answer means. */
async function probeCode(environment: Readonly<Record<string, string>>): Promise<string | undefined> {
  const report = await probed(environment);
  return report.findings.find(({ code }) => code.startsWith('probe'))?.code;
}

/** A port that answers in no way of its own. */
async function bareServer(): Promise<string> {
  const sockets = new Set<Socket>();
  return opened(
    createServer().on('connection', (socket) => sockets.add(socket)),
    sockets,
  );
}

async function opened(server: Server, sockets: ReadonlySet<{ destroy(): void }>): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('nothing is sent unless it is asked for', async () => {
  const sink = await otlpSink();
  started({ serviceName: 'shop' }, { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url });
  const report = await doctor();
  expect(report.probe).toBeUndefined();
  expect(sink.received).toEqual([]);
});

test.each([
  ['http/protobuf', 'application/x-protobuf', ''],
  ['http/json', 'application/json', '{"resourceSpans":[]}'],
])('probe: one empty export as %s, with the headers of an export', async (protocol, contentType, body) => {
  const sink = await otlpSink();
  const report = await probed({
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-token=secret',
  });
  expect(report.probe).toEqual({
    url: `${sink.url}/v1/traces`,
    connected: true,
    status: 200,
    millis: expect.any(Number),
  });
  expect(finding(report, 'probe')?.level).toBe('ok');
  expect(sink.received.map((one) => [one.url, one.body.toString()])).toEqual([['/v1/traces', body]]);
  expect(sink.received[0]?.headers).toMatchObject({ 'content-type': contentType, 'x-token': 'secret' });
  expect(sink.received[0]?.headers).not.toHaveProperty('traceparent');
});

test('the probe makes no span', async () => {
  const sink = await otlpSink();
  const memory = new InMemorySpanExporter();
  started({ otlp: { endpoint: sink.url }, spanProcessors: [new SimpleSpanProcessor(memory)] });
  await withSpan('parent', () => doctor({ probe: true }));
  expect(sink.received.map(({ headers }) => headers.traceparent)).toEqual([undefined]);
  expect(memory.getFinishedSpans().map(({ name }) => name)).toEqual(['parent']);
});

test.each([
  [400, 'probe-protocol'],
  [401, 'probe-unauthorized'],
  [403, 'probe-unauthorized'],
  [404, 'probe-path'],
  [405, 'probe-path'],
  [415, 'probe-protocol'],
  [429, 'probe-overloaded'],
  [503, 'probe-overloaded'],
  [302, 'probe-status'],
  [410, 'probe-status'],
])('an answer of %i: %s', async (status, code) => {
  const url = await listen((request, response) => {
    request.resume();
    response.writeHead(status).end();
  });
  expect(await probeCode({ OTEL_EXPORTER_OTLP_ENDPOINT: url })).toBe(code);
});

test('probe-not-otlp: a page for people', async () => {
  const url = await listen((_, response) =>
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<p>Welcome'),
  );
  expect(await probeCode({ OTEL_EXPORTER_OTLP_ENDPOINT: url })).toBe('probe-not-otlp');
});

test('probe-refused: nobody listens', async () => {
  const report = await probed({ OTEL_EXPORTER_OTLP_ENDPOINT: await deadEndpoint() });
  expect(finding(report, 'probe-refused')?.message).toContain('ECONNREFUSED');
  expect(report.probe).toMatchObject({ connected: false, error: expect.stringContaining('ECONNREFUSED') });
  expect(report.healthy).toBe(false);
});

test('probe-not-found: a name that nobody has', async () => {
  // Too long for a name, so that no network is asked for it.
  const url = `http://${'x'.repeat(64)}.example:4318`;
  expect(await probeCode({ OTEL_EXPORTER_OTLP_ENDPOINT: url })).toBe('probe-not-found');
});

test('probe-timeout: a connection, and no answer', async () => {
  const report = await probed({ OTEL_EXPORTER_OTLP_ENDPOINT: await bareServer() });
  expect(finding(report, 'probe-timeout')?.message).toContain('no answer within 5 s');
  expect(report.probe).toMatchObject({ connected: true });
});

test('probe-not-http: a port that speaks HTTP/2, as gRPC does', async () => {
  const sessions = new Set<{ destroy(): void }>();
  const server = createHttp2Server().on('session', (session) => sessions.add(session));
  expect(await probeCode({ OTEL_EXPORTER_OTLP_ENDPOINT: await opened(server, sessions) })).toBe(
    'probe-not-http',
  );
});

test('probe-not-http: a port that speaks TLS', async () => {
  const { url } = await otlpSink({ tls: SERVER_TLS });
  expect(await probeCode({ OTEL_EXPORTER_OTLP_ENDPOINT: url.replace('https:', 'http:') })).toBe(
    'probe-not-http',
  );
});

test('probe-tls: TLS to a port that speaks none', async () => {
  const { url } = await otlpSink();
  expect(await probeCode({ OTEL_EXPORTER_OTLP_ENDPOINT: url.replace('http:', 'https:') })).toBe('probe-tls');
});

test('probe-tls: a certificate that nobody trusted has signed; probe: one that is trusted', async () => {
  const { url } = await otlpSink({ tls: SERVER_TLS });
  expect(await probeCode({ OTEL_EXPORTER_OTLP_ENDPOINT: url })).toBe('probe-tls');
});

test('probe-tls: a file that holds no certificate', async () => {
  const { url } = await otlpSink({ tls: SERVER_TLS });
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: fileURLToPath(import.meta.url),
    OTEL_EXPORTER_OTLP_CLIENT_KEY: fileURLToPath(import.meta.url),
  };
  expect(await probeCode(environment)).toBe('probe-tls');
});

test('probe-failed: an error that has no name here is shown as it is', () => {
  const report = {
    url: 'http://collector/v1/traces',
    connected: false,
    millis: 1,
    error: 'the pigeon is ill',
  };
  expect(probeFindings({ report, protocol: 'http/json', errorCode: 'EPIGEON' })).toMatchObject([
    { code: 'probe-failed', message: 'http://collector/v1/traces: the pigeon is ill' },
  ]);
});

test('probe: a certificate that OTEL_EXPORTER_OTLP_CERTIFICATE trusts', async () => {
  const { url } = await otlpSink({ tls: SERVER_TLS });
  const ca = fileURLToPath(new URL('fixtures/tls/ca.pem', import.meta.url));
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_CERTIFICATE: ca };
  expect(await probeCode(environment)).toBe('probe');
});

test('probe-connected: for gRPC a connection is opened, and it is said that no more was tried', async () => {
  const url = await bareServer();
  const report = await probed({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
  expect(finding(report, 'probe-connected')?.message).toContain('whether it speaks gRPC was not tried');
  expect(report.probe).toEqual({ url, connected: true, millis: expect.any(Number) });
});

test('probe-refused: for gRPC too, without a scheme', async () => {
  const endpoint = (await deadEndpoint()).replace('http://', '');
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  expect(await probeCode(environment)).toBe('probe-refused');
});

test('probe-nothing: spans go to no collector', async () => {
  expect(await probeCode({ OTEL_TRACES_EXPORTER: 'console' })).toBe('probe-nothing');
});

test('a probe that is not a boolean is refused', async () => {
  await expect(doctor({ probe: 'yes' as never })).rejects.toThrow(
    new TypeError(`doctor: "probe" must be a boolean; got 'yes'`),
  );
});
