import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

import type { SpanDetail, TraceDetail, TraceList } from '../src/api.ts';
import { startViewer } from '../src/index.ts';
import { ViewerProcess } from './viewer-process.ts';

const SHOP = fileURLToPath(new URL('fixtures/shop.mjs', import.meta.url));

function startShop(endpoint: string, env: Readonly<Record<string, string>> = {}): ChildProcess {
  const shop = spawn(process.execPath, [SHOP], {
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void shop.kill('SIGKILL'));
  return shop;
}

/** Lets the service send its spans and end. */
async function endShop(shop: ChildProcess): Promise<void> {
  shop.stdin?.end();
  expect(await once(shop, 'exit')).toEqual([0, null]);
}

async function get<Body>(url: string): Promise<Body> {
  return (await (await fetch(url)).json()) as Body;
}

/** The service's trace as the page is told it: the whole, its columns, and its second span. */
async function shopTrace(url: string): Promise<[TraceList, TraceDetail, SpanDetail]> {
  const list = await get<TraceList>(`${url}/api/traces?requestId=r-42&service=shop`);
  const ofTrace = `${url}/api/traces/${list.traces[0]?.traceId}`;
  const detail = await get<TraceDetail>(ofTrace);
  return [list, detail, await get<SpanDetail>(`${ofTrace}/spans/${detail.spans.id[1]}`)];
}

const SHOP_TRACE = [
  {
    matched: 1,
    traces: [
      {
        name: 'POST /orders',
        spanCount: 2,
        errorCount: 1,
        logCount: 2,
        requestId: 'r-42',
        whole: true,
      },
    ],
  },
  { names: ['POST /orders', 'reserve'], spans: { parent: [-1, 0], kind: [1, 0], logs: [1, 1] } },
  {
    status: { code: 2, message: 'only one left' },
    attributes: { request_id: 'r-42' },
    resource: { 'service.name': 'shop', 'service.version': '1.2.3' },
    logs: [
      {
        level: 'ERROR',
        message: 'not reserved',
        service: 'shop',
        attributes: { exception: { type: 'RangeError', message: 'only one left' } },
      },
    ],
  },
];

test.each([
  ['protobuf', {}],
  ['protobuf, gzip', { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }],
  ['JSON', { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }],
])('a service of another process is seen with its spans and log lines: %s', async (_, env) => {
  const viewer = await startViewer({ port: 0 });
  onTestFinished(() => viewer.close());
  const shop = startShop(viewer.url, env);
  const [written] = await Promise.all([text(shop.stdout!), endShop(shop)]);
  for (const line of written.split('\n')) viewer.takeLogLine(line);
  expect(await shopTrace(viewer.url)).toMatchObject(SHOP_TRACE);
});

test('what a service writes is piped through the command, which draws the trace with it', async () => {
  const viewer = new ViewerProcess(['--port', '0', '--stdin', '--tree']);
  const url = await viewer.url('stderr');
  const shop = startShop(url);
  shop.stdout!.pipe(viewer.child.stdin, { end: false });
  await viewer.written('stdout', /not reserved.*\n/);
  await endShop(shop);
  await viewer.written(
    'stdout',
    /shop {2}POST \/orders [^]*INFO {2}order a-1 accepted[^]*✗ reserve[^]*ERROR not reserved: only one left/,
  );
  expect(await shopTrace(url)).toMatchObject(SHOP_TRACE);
});

test('a viewer that is closed has left its port, and can be closed again', async () => {
  const viewer = await startViewer({ port: 0 });
  const { port } = new URL(viewer.url);
  await viewer.close();
  await viewer.close();
  const again = await startViewer({ port: Number(port) });
  onTestFinished(() => again.close());
  expect(again.url).toBe(viewer.url);
});

test.each([
  [{ port: -1 }, 'port: expected a whole number from 0 to 65535, got -1'],
  [{ host: '' }, "host: expected an address or a name, got ''"],
  [{ allowHosts: 'a' as never }, "allowHosts: expected a list of names, got 'a'"],
  [
    { allowHosts: ['http://a'] },
    "allowHosts: expected names as in viewer.local, with a port or without, got 'http://a'",
  ],
  [
    { allowHosts: ['*.local'] },
    "allowHosts: expected names as in viewer.local, with a port or without, got '*.local'",
  ],
  [{ maxSpans: 0 }, 'maxSpans: expected a whole number, 1 or more, got 0'],
  [{ maxBytes: Infinity }, 'maxBytes: expected a whole number, 1 or more, got Infinity'],
])('the options %j are refused', async (options, message) => {
  await expect(startViewer(options)).rejects.toThrow(new TypeError(message));
});

test('a port in use is said to be in process too', async () => {
  const viewer = await startViewer({ port: 0 });
  onTestFinished(() => viewer.close());
  const port = Number(new URL(viewer.url).port);
  await expect(startViewer({ port })).rejects.toThrow(
    `Port ${port} of 127.0.0.1 is in use. Another tracing-viewer`,
  );
});
