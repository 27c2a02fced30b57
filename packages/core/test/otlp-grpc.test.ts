import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createSecureServer, createServer, type Http2Server, type SecureServerOptions } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

import { expect, onTestFinished, test } from 'vitest';

import { durationMetric } from '../src/duration-metric.ts';
import { runChild } from './support/child.ts';
import { installWithout } from './support/install-without.ts';
import { collectWarnings, oneSpan, started } from './support/started.ts';

interface ReceivedCall {
  readonly path: string;
  readonly token: string;
  readonly compressed: boolean;
  readonly message: Buffer;
}

function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/tls/${name}`, import.meta.url));
}

/** A gRPC service that answers every call with an empty message and this status, on the wire of HTTP/2. */
async function grpcSink(
  tls?: SecureServerOptions,
  status: Readonly<Record<string, string>> = { 'grpc-status': '0' },
): Promise<{ port: number; calls: ReceivedCall[] }> {
  const calls: ReceivedCall[] = [];
  const server: Http2Server = tls ? createSecureServer(tls) : createServer();
  server.on('stream', (stream, headers) => {
    void buffer(stream).then((frame) => {
      // A frame is one byte for its compression, four for its length, and the message.
      const compressed = frame[0] === 1;
      const message = frame.subarray(5);
      calls.push({
        path: String(headers[':path']),
        token: String(headers['x-token']),
        compressed,
        message: compressed ? gunzipSync(message) : message,
      });
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ ...status }));
      stream.end(Buffer.alloc(5));
    });
  });
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const session of sessions) session.destroy();
    server.close();
    await once(server, 'close');
  });
  return { port: (server.address() as AddressInfo).port, calls };
}

test('OTEL_EXPORTER_OTLP_PROTOCOL=grpc sends by gRPC, with the same variables', async () => {
  const warnings = collectWarnings();
  const { port, calls } = await grpcSink();
  const handle = started(
    { serviceName: 'over-grpc' },
    {
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-token=secret',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    },
  );
  oneSpan();
  await handle.forceFlush();
  expect(calls).toEqual([
    {
      path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      token: 'secret',
      compressed: true,
      message: expect.any(Buffer),
    },
  ]);
  expect(calls[0]?.message.includes('over-grpc')).toBe(true);
  expect(warnings).toEqual([]);
});

test.each([
  [
    'the environment',
    undefined,
    {
      OTEL_EXPORTER_OTLP_CERTIFICATE: fixture('ca.pem'),
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: fixture('client.pem'),
      OTEL_EXPORTER_OTLP_CLIENT_KEY: fixture('client-key.pem'),
      OTEL_EXPORTER_OTLP_HEADERS: 'x-token=secret',
    },
  ],
  [
    'code',
    {
      certificate: fixture('ca.pem'),
      clientCertificate: fixture('client.pem'),
      clientKey: fixture('client-key.pem'),
      headers: { 'X-Token': 'secret' },
    },
    {},
  ],
])('gRPC over TLS uses certificates and headers of %s', async (_where, otlp, environment) => {
  const { port, calls } = await grpcSink({
    ca: readFileSync(fixture('ca.pem')),
    cert: readFileSync(fixture('server.pem')),
    key: readFileSync(fixture('server-key.pem')),
    requestCert: true,
    rejectUnauthorized: true,
  });
  const handle = started(otlp ? { otlp } : {}, {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    // Without a scheme gRPC is by TLS.
    OTEL_EXPORTER_OTLP_ENDPOINT: `localhost:${port}`,
    ...environment,
  });
  oneSpan();
  await handle.forceFlush();
  expect(calls).toMatchObject([{ token: 'secret' }]);
});

test.each([
  ['14', 'try later', 1, { dropped: 0, waiting: 4 }],
  ['3', 'not understood', 1, { dropped: 4, waiting: 0 }],
  ['8', 'over the quota', 1, { dropped: 4, waiting: 0 }],
  ['8', 'grpc: received message larger than max (5000 vs. 4096)', 6, { dropped: 4, waiting: 0 }],
])('gRPC status %s, %s: so many calls, and what becomes of spans', async (status, message, count, fate) => {
  const { port, calls } = await grpcSink(undefined, { 'grpc-status': status, 'grpc-message': message });
  const handle = started({
    otlp: { protocol: 'grpc', endpoint: `http://127.0.0.1:${port}` },
    batch: { scheduleDelayMillis: 3_600_000 },
    shutdownTimeoutMillis: 1,
  });
  for (let span = 0; span < 4; span++) oneSpan();
  await handle.forceFlush();
  expect(calls).toHaveLength(count);
  expect(handle.report().exports).toMatchObject([{ exported: 0, ...fate }]);
});

test('a header that gRPC cannot send is left out by name, and the spans go', async () => {
  const warnings = collectWarnings();
  const { port, calls } = await grpcSink();
  const handle = started(
    { otlp: { endpoint: `http://127.0.0.1:${port}`, protocol: 'grpc', headers: { 'x-code': 's3crét' } } },
    { OTEL_EXPORTER_OTLP_HEADERS: 'x-env=s3cr%C3%A9t,x-key-bin=s3cret,x-token=secret' },
  );
  oneSpan();
  await handle.forceFlush();
  await handle.shutdown();
  expect(calls.map(({ token }) => token)).toEqual(['secret']);
  expect(warnings).toEqual([
    'OTLP: gRPC cannot send the header x-env, x-key-bin, x-code as it is written; it is left out',
  ]);
});

test('metrics go by gRPC too', async () => {
  const { port, calls } = await grpcSink();
  const handle = started(
    { exporter: 'none', metrics: true, serviceName: 'over-grpc' },
    {
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'x-token=secret',
    },
  );
  const description = { name: 'test.duration', description: 'Of a test.', boundaries: [1] };
  durationMetric({ name: 'test', version: '1' }, description).record(1, {});
  await handle.forceFlush();
  expect(calls).toEqual([
    {
      path: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
      token: 'secret',
      compressed: false,
      message: expect.any(Buffer),
    },
  ]);
  expect(calls[0]?.message.includes('over-grpc')).toBe(true);
});

test('a connection by gRPC keeps no finished program alive', async () => {
  const { port, calls } = await grpcSink();
  const program = `
    import { initTracing, withSpan } from '@org/tracing-core';
    initTracing({ shutdownTimeoutMillis: 60_000 });
    withSpan('work', () => undefined);
  `;
  const environment = {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  };
  expect(await runChild(program, environment).exit).toEqual({ code: 0, signal: null, stderr: '' });
  expect(calls).toHaveLength(1);
});

test('without its package gRPC is one error that names the package, and the application goes on', async () => {
  const elsewhere = installWithout('exporter-trace-otlp-grpc');
  const program = `
    process.chdir(${JSON.stringify(elsewhere)});
    const { initTracing, withSpan } = await import(${JSON.stringify(join(elsewhere, 'program.mjs'))});
    const { forceFlush, shutdown } = initTracing();
    console.log(withSpan('work', () => 'the application goes on'));
    await forceFlush();
    await shutdown();
  `;
  const child = runChild(program, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_TRACES_EXPORTER: 'otlp' });
  expect(await child.line()).toBe('the application goes on');
  const name = '@opentelemetry/exporter-trace-otlp-grpc';
  expect(await child.exit).toEqual({
    code: 0,
    signal: null,
    stderr:
      `[tracing] error: OTLP over gRPC needs the package ${name}; install it beside the application: ` +
      `npm install ${name}. Spans are not exported.\n`,
  });
});
