import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createSecureServer, createServer, type Http2Server, type SecureServerOptions } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

import { expect, onTestFinished, test } from 'vitest';

import { runChild } from './support/child.ts';
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

/** A gRPC service that answers every call with an empty message, on the wire of HTTP/2. */
async function grpcSink(tls?: SecureServerOptions): Promise<{ port: number; calls: ReceivedCall[] }> {
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
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
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
  const elsewhere = installWithoutGrpc();
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

/** The built package and what it depends on, but the exporter for gRPC, in a folder of its own. */
function installWithoutGrpc(): string {
  const here = fileURLToPath(new URL('..', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'without-grpc-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const modules = join(folder, 'node_modules');
  const installed = join(modules, '@org/tracing-core');
  mkdirSync(dirname(installed), { recursive: true });
  cpSync(join(here, 'dist'), join(installed, 'dist'), { recursive: true });
  cpSync(join(here, 'package.json'), join(installed, 'package.json'));
  mkdirSync(join(modules, '@opentelemetry'));
  for (const name of readdirSync(join(here, 'node_modules/@opentelemetry'))) {
    if (name === 'exporter-trace-otlp-grpc') continue;
    symlinkSync(join(here, 'node_modules/@opentelemetry', name), join(modules, '@opentelemetry', name));
  }
  cpSync(join(here, 'test/fixtures/re-export.mjs'), join(folder, 'program.mjs'));
  return folder;
}
