// `pnpm --filter @org/tracing-viewer measure`: how many spans a second the built viewer takes over HTTP, from this other
// process, in batches of 512 as core's exporter writes them, and how long its answers take while its store is full.
import { spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import { fileURLToPath } from 'node:url';

import { SpanKind } from '@opentelemetry/api';
import { initTracing } from '@org/tracing-core';

const BATCH = 512;
const SPANS_PER_TRACE = 8;
const CONNECTIONS = 4;
const SECONDS = Number(process.argv[2] ?? 10);

const { body: template, ids: idOffsets } = await recordedBatch();
const viewer = spawn(
  process.execPath,
  [fileURLToPath(new URL('dist/tracing-viewer.js', import.meta.url)), '--port', '0'],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);
process.on('exit', () => viewer.kill());
const [said] = await once(viewer.stdout.setEncoding('utf8'), 'data');
const url = /http:\S+(?=:)/.exec(said)?.[0] ?? '';

await send(2);
const before = cpuSeconds();
const { spans, seconds } = await send(SECONDS);
const cpu = cpuSeconds() - before;
console.log(
  `${Math.round(spans / seconds)} spans/s over ${seconds.toFixed(1)} s, ${template.length} bytes a batch`,
);
console.log(`${((cpu / spans) * 1e6).toFixed(1)} µs of CPU time a span in the viewer`);
console.log(`resident ${memory()} MiB`);
for (const path of [
  'traces',
  'traces?text=nowhere',
  'traces?text=nowhere',
  'traces?attribute=a=b',
  'facets',
  'map',
]) {
  const began = performance.now();
  const bytes = (await (await fetch(`${url}/api/${path}`)).arrayBuffer()).byteLength;
  console.log(`/api/${path}: ${(performance.now() - began).toFixed(0)} ms, ${bytes} bytes`);
}
console.log((await (await fetch(`${url}/api/traces?limit=1`)).json()).counts);
process.exit();

/** Sends batches of ever new ids over some connections. */
async function send(forSeconds) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const began = performance.now();
  let batches = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (performance.now() - began < forSeconds * 1000) {
        await post(agent, withNewIds());
        batches += 1;
      }
    }),
  );
  agent.destroy();
  return { spans: batches * BATCH, seconds: (performance.now() - began) / 1000 };
}

async function post(agent, bytes) {
  const headers = { 'content-type': 'application/x-protobuf', 'content-length': bytes.length };
  const sent = request(`${url}/v1/traces`, { method: 'POST', agent, headers });
  sent.end(bytes);
  const [response] = await once(sent, 'response');
  response.resume();
  await once(response, 'end');
  if (response.statusCode !== 200) throw new Error(`the viewer answered ${response.statusCode}`);
}

/** The batch with all ids changed in the same way, so that parents stay parents. */
function withNewIds() {
  const bytes = Buffer.from(template);
  const mask = randomFillSync(Buffer.alloc(8));
  for (const at of idOffsets) for (let index = 0; index < 8; index += 1) bytes[at + index] ^= mask[index];
  return bytes;
}

/** What core's exporter sends of traces of a service, and where in it the last eight bytes of each id are. */
async function recordedBatch() {
  const collector = createServer().listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const endpoint = `http://127.0.0.1:${collector.address().port}`;
  const bodies = [];
  collector.on('request', (incoming, response) => {
    void incoming.toArray().then((chunks) => {
      bodies.push(Buffer.concat(chunks));
      response.end();
    });
  });
  const batch = { maxExportBatchSize: BATCH, maxQueueSize: 2 * BATCH };
  const tracing = initTracing({ serviceName: 'measured', exporter: 'otlp', otlp: { endpoint }, batch });
  const contexts = [];
  for (let index = 0; index < BATCH / SPANS_PER_TRACE; index += 1)
    contexts.push(...makeTrace(tracing.tracer));
  await tracing.shutdown();
  collector.close();
  const body = bodies.reduce((largest, each) => (each.length > largest.length ? each : largest));
  const hexes = new Set(contexts.flatMap(({ traceId, spanId }) => [traceId, spanId]));
  const ids = [...hexes].flatMap((hex) => offsetsOf(Buffer.from(hex, 'hex'), body));
  return { body, ids };
}

function makeTrace(tracer) {
  const contexts = [];
  const attributes = {
    'http.request.method': 'POST',
    'http.route': '/orders/:id',
    'url.path': '/orders/4711',
    'url.scheme': 'http',
    'server.address': '127.0.0.1',
    'server.port': 8080,
    'http.response.status_code': 200,
    'user_agent.original': 'curl/8.5.0',
    request_id: 'b5f0a3b2-7c55-4d3e-9d0f-0a8e7f6c5d4b',
  };
  tracer.startActiveSpan('POST /orders/:id', { kind: SpanKind.SERVER, attributes }, (root) => {
    contexts.push(root.spanContext());
    for (let child = 1; child < SPANS_PER_TRACE; child += 1) {
      const span = tracer.startSpan('SELECT stock', { kind: SpanKind.CLIENT, attributes });
      contexts.push(span.spanContext());
      span.end();
    }
    root.end();
  });
  return contexts;
}

function offsetsOf(id, bytes) {
  const offsets = [];
  for (let at = bytes.indexOf(id); at >= 0; at = bytes.indexOf(id, at + 1)) offsets.push(at + id.length - 8);
  return offsets;
}

/** What the viewer has used of processors, as Linux tells it. */
function cpuSeconds() {
  const fields = readFileSync(`/proc/${viewer.pid}/stat`, 'utf8').replace(/.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function memory() {
  return Math.round(
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${viewer.pid}/status`, 'utf8'))?.[1]) / 1024,
  );
}
