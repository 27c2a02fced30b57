import { spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { expect, onTestFinished, test } from 'vitest';

import { readCollectorConfig } from '../../src/collector-config.ts';
import { CONFIGURATIONS } from '../../src/configurations.ts';
import { environmentVariables } from '../../src/environment-variables.ts';
import { startCollector } from '../../src/running-collector.ts';
import type { RunningCollector } from '../../src/running-collector.ts';
import { ROOT } from '../../src/yaml-files.ts';

const VALUES: Readonly<Record<string, string>> = {
  POD_IP: '127.0.0.1',
  AWS_REGION: 'eu-central-1',
  DD_API_KEY: '0'.repeat(32),
  KAFKA_BROKER: '127.0.0.1:9092',
};

test.each(CONFIGURATIONS)('the collector takes $files', ({ files }) => {
  const config = readCollectorConfig(files);
  const folder = temporaryFolder();
  const names = environmentVariables(config.source).map(({ name }) => name);
  const env = Object.fromEntries(names.map((name) => [name, VALUES[name] ?? 'http://127.0.0.1:4318']));
  const storage = config.ids('extensions').includes('file_storage')
    ? [
        `--set=extensions::file_storage::directory=${folder}`,
        `--set=extensions::file_storage::compaction::directory=${folder}`,
      ]
    : [];
  const { stderr, status } = spawnSync(
    'otelcol-contrib',
    ['validate', ...files.map((file) => `--config=${ROOT}${file}`), ...storage],
    { encoding: 'utf8', env: { ...process.env, ...env, COLLECTOR_STORAGE: folder } },
  );
  expect(stderr).not.toContain('deprecated');
  expect(status, stderr).toBe(0);
});

test('a span reaches the backend over its outage and the crash of the sidecar', async () => {
  const backend = await startBackend();
  const ports = await freePorts(4);
  const storage = temporaryFolder();
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

  const refused = backend.nextRequest();
  const first = await startSidecar(ports, storage, backend.url);
  const answer = await fetch(`http://127.0.0.1:${ports[0]}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(oneSpan(traceId)),
  });
  expect(answer.status).toBe(200);
  await refused;
  await first.stop('SIGKILL');

  backend.accept();
  const taken = backend.nextRequest();
  await startSidecar(ports, storage, backend.url);
  expect((await taken).includes(Buffer.from(traceId, 'hex'))).toBe(true);
});

async function startSidecar(
  ports: readonly number[],
  storage: string,
  backend: string,
): Promise<RunningCollector> {
  const [http, grpc, health, metrics] = ports;
  const collector = await startCollector(
    [
      `--config=${ROOT}sidecar/collector.yaml`,
      `--set=receivers::otlp::protocols::http::endpoint=127.0.0.1:${http}`,
      `--set=receivers::otlp::protocols::grpc::endpoint=127.0.0.1:${grpc}`,
      `--set=extensions::health_check::endpoint=127.0.0.1:${health}`,
      `--set=service::telemetry::metrics::readers=[{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${metrics}}}}}]`,
    ],
    { COLLECTOR_EXPORT_ENDPOINT: backend, COLLECTOR_STORAGE: storage },
  );
  onTestFinished(() => collector.stop('SIGKILL'));
  return collector;
}

/** A backend that refuses until it is told to accept. */
async function startBackend() {
  let status = 503;
  const requests = new EventEmitter();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end();
      requests.emit('request', request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accept: () => {
      status = 200;
    },
    nextRequest: async (): Promise<Buffer> => {
      const [body] = (await once(requests, 'request')) as [Buffer];
      return body;
    },
  };
}

/** Ports of which nobody had any a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createSocketServer());
  await Promise.all(servers.map((server) => once(server.listen(0, '127.0.0.1'), 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

function oneSpan(traceId: string): unknown {
  const now = `${Date.now()}000000`;
  const span = {
    traceId,
    spanId: '00f067aa0ba902b7',
    name: 'GET /orders/:id',
    kind: 2,
    startTimeUnixNano: now,
    endTimeUnixNano: now,
  };
  return {
    resourceSpans: [
      { resource: { attributes: [] }, scopeSpans: [{ scope: { name: 'test' }, spans: [span] }] },
    ],
  };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'collector-storage-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
