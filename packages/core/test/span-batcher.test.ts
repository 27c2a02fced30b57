import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';

import type { SpanExporter } from '@opentelemetry/sdk-trace-node';
import { expect, test } from 'vitest';

import type { TracingHandle } from '../src/init-tracing.ts';
import type { InitTracingOptions } from '../src/sdk/options.ts';
import type { ExportReport } from '../src/tracing-report.ts';
import { listen } from './support/listen.ts';
import { deadEndpoint, type OtlpSink, otlpSink, type SinkAnswer, spanNames } from './support/otlp-sink.ts';
import { collectWarnings, oneSpan, started } from './support/started.ts';
import { decodedSpans } from './support/trace-request.ts';

/** An hour: within a test, never. */
const NEVER = 3_600_000;

function sendingTo(url: string, options: InitTracingOptions = {}): TracingHandle {
  return started({
    otlp: { endpoint: url, protocol: 'http/json' },
    shutdownTimeoutMillis: 1,
    ...options,
    batch: { scheduleDelayMillis: NEVER, ...options.batch },
  });
}

function spans(count: number, first = 1): string[] {
  const names = Array.from({ length: count }, (_, index) => String(first + index));
  for (const name of names) oneSpan(name);
  return names;
}

function counts(handle: TracingHandle): Partial<ExportReport> {
  const { taken, exported, dropped, waiting } = handle.report().exports[0] as ExportReport;
  expect(taken).toBe(exported + dropped + waiting);
  return { exported, dropped, waiting };
}

/** A sink that answers the first exports in these ways, and takes what comes then. */
function answering(...answers: SinkAnswer[]): Promise<OtlpSink> {
  return otlpSink({ answer: async () => answers.shift() });
}

const portOf = (url: string): number => Number(new URL(url).port);

test('spans that end while the collector is down are all delivered when it is back, in their order', async () => {
  const url = await deadEndpoint();
  const handle = sendingTo(url);
  const before = spans(3);
  await handle.forceFlush();
  expect(counts(handle)).toEqual({ exported: 0, dropped: 0, waiting: 3 });
  const during = spans(2, 4);
  const sink = await otlpSink({ port: portOf(url) });
  await handle.forceFlush();
  expect(sink.received.flatMap(spanNames)).toEqual([...before, ...during]);
  expect(counts(handle)).toEqual({ exported: 5, dropped: 0, waiting: 0 });
});

test('what failed is sent again by itself, and nothing has to flush', async () => {
  const sink = await answering({ status: 503 });
  sendingTo(sink.url, { batch: { scheduleDelayMillis: 1 } });
  oneSpan();
  expect(spanNames(await sink.next())).toEqual(['span']);
  expect(spanNames(await sink.next())).toEqual(['span']);
});

test.each([429, 502, 503, 504])('HTTP %i: the batch goes back to the head of the queue', async (status) => {
  const sink = await answering({ status });
  const handle = sendingTo(sink.url);
  spans(2);
  await handle.forceFlush();
  expect(counts(handle)).toEqual({ exported: 0, dropped: 0, waiting: 2 });
  spans(1, 3);
  await handle.forceFlush();
  expect(sink.received.slice(1).flatMap(spanNames)).toEqual(['1', '2', '3']);
  expect(counts(handle)).toEqual({ exported: 3, dropped: 0, waiting: 0 });
});

test('what waits behind a failure is sent as it is, whatever memory was used again meanwhile', async () => {
  const sink = await answering({}, { status: 503 }, { status: 400 });
  const handle = sendingTo(sink.url, {
    otlp: { endpoint: sink.url, protocol: 'http/protobuf' },
    batch: { maxExportBatchSize: 4 },
  });
  spans(4);
  await handle.forceFlush();
  spans(4, 5);
  await handle.forceFlush();
  spans(4, 9);
  await handle.forceFlush();
  spans(4, 13);
  await handle.forceFlush();
  const names = sink.received.map(({ body }) => decodedSpans(body).map(({ name }) => name));
  expect(names.map((sent) => sent.join(' '))).toEqual([
    '1 2 3 4',
    '5 6 7 8',
    '5 6',
    '7 8 9 10',
    '11 12',
    '13 14 15 16',
  ]);
});

test.each([400, 401, 403, 404, 500])(
  'HTTP %i: the batch is dropped, counted, and not sent again',
  async (status) => {
    const warnings = collectWarnings();
    const sink = await answering({ status, body: 'no\u001B[31m\r\nthanks' });
    const handle = sendingTo(sink.url);
    spans(2);
    await handle.forceFlush();
    expect(counts(handle)).toEqual({ exported: 0, dropped: 2, waiting: 0 });
    await handle.forceFlush();
    expect(sink.received).toHaveLength(1);
    expect(warnings).toEqual([
      expect.stringContaining(
        `spans do not reach ${sink.url}/v1/traces: HTTP ${status} (no\\x1b[31m thanks)`,
      ),
    ]);
    expect(warnings[0]).toContain('0 wait (at most 2048), 2 were dropped since it began');
  },
);

test.each(['7', () => new Date(Date.now() + 60_000).toUTCString()])(
  'Retry-After is honoured: no flush asks before that time',
  async (value) => {
    const retryAfter = typeof value === 'string' ? value : value();
    const sink = await answering({ status: 429, headers: { 'retry-after': retryAfter } });
    const handle = sendingTo(sink.url, { batch: { scheduleDelayMillis: 0 } });
    oneSpan();
    await handle.forceFlush();
    await handle.forceFlush();
    expect(sink.received).toHaveLength(1);
    expect(counts(handle)).toEqual({ exported: 0, dropped: 0, waiting: 1 });
  },
);

test('Retry-After: 1 is waited for, and the batch sent again by itself', async () => {
  const sink = await answering({ status: 503, headers: { 'retry-after': '1' } });
  sendingTo(sink.url, { batch: { scheduleDelayMillis: 0 } });
  oneSpan();
  await sink.next();
  const refused = performance.now();
  await sink.next();
  expect(performance.now() - refused).toBeGreaterThan(900);
});

test('the queue holds as many as it may beside the batch on its way, and what goes beyond is counted', async () => {
  const url = await deadEndpoint();
  const handle = sendingTo(url, { batch: { maxQueueSize: 4, maxExportBatchSize: 2 } });
  spans(10);
  await handle.forceFlush();
  expect(counts(handle)).toEqual({ exported: 0, dropped: 6, waiting: 4 });
  const sink = await otlpSink({ port: portOf(url) });
  await handle.forceFlush();
  expect(sink.received.flatMap(spanNames)).toEqual(['1', '2', '3', '4']);
  expect(counts(handle)).toEqual({ exported: 4, dropped: 6, waiting: 0 });
});

test.each<[string, SinkAnswer, 'http/json' | 'http/protobuf']>([
  ['JSON', { body: '{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}' }, 'http/json'],
  // ExportTraceServiceResponse { partial_success { rejected_spans: 2, error_message: "too old" } }
  [
    'protobuf',
    { body: Buffer.from('\u000A\u000B\u0008\u0002\u0012\u0007too old', 'latin1') },
    'http/protobuf',
  ],
])('what a partial success in %s rejects is dropped, counted and said', async (_format, answer, protocol) => {
  const warnings = collectWarnings();
  const sink = await answering(answer);
  const handle = sendingTo(sink.url, { otlp: { endpoint: sink.url, protocol } });
  spans(5);
  await handle.forceFlush();
  await handle.forceFlush();
  expect(counts(handle)).toEqual({ exported: 3, dropped: 2, waiting: 0 });
  expect(sink.received).toHaveLength(1);
  expect(warnings).toEqual([
    `spans do not reach ${sink.url}/v1/traces: 2 of 5 were rejected (too old). ` +
      '0 wait (at most 2048), 2 were dropped since it began',
  ]);
});

test('a web page in place of an answer means that nobody took the spans', async () => {
  const warnings = collectWarnings();
  const page = { headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<!doctype html>' };
  const sink = await answering(page);
  const handle = sendingTo(sink.url);
  oneSpan();
  await handle.forceFlush();
  expect(counts(handle)).toEqual({ exported: 0, dropped: 1, waiting: 0 });
  expect(warnings).toEqual([
    expect.stringContaining('HTTP 200 with a web page. Is that the port of a user interface?'),
  ]);
});

test('a redirect is not followed, which is said', async () => {
  const warnings = collectWarnings();
  const sink = await answering({ status: 302, headers: { location: '/elsewhere' } });
  const handle = sendingTo(sink.url);
  oneSpan();
  await handle.forceFlush();
  expect(sink.received).toHaveLength(1);
  expect(warnings).toEqual([expect.stringContaining('HTTP 302. It redirects, which is not followed')]);
});

test('a batch that is too large for the collector is sent in parts', async () => {
  const sink = await otlpSink({
    // As nginx says it.
    answer: async (received) =>
      spanNames(received).length > 3
        ? { status: 413, headers: { 'content-type': 'text/html' }, body: '<html></html>' }
        : {},
  });
  const handle = sendingTo(sink.url);
  const names = spans(20);
  await handle.forceFlush();
  expect(counts(handle)).toEqual({ exported: 20, dropped: 0, waiting: 0 });
  const taken = sink.received.map(spanNames).filter(({ length }) => length <= 3);
  expect(taken.flat()).toEqual(names);
});

test('what is too large in small parts too is dropped', async () => {
  const sink = await otlpSink({ answer: async () => ({ status: 413 }) });
  const handle = sendingTo(sink.url, { batch: { maxExportBatchSize: 64 } });
  spans(64);
  await handle.forceFlush();
  expect(counts(handle)).toEqual({ exported: 0, dropped: 64, waiting: 0 });
  expect(sink.received.map((received) => spanNames(received).length)).toEqual([
    64,
    32,
    16,
    8,
    4,
    2,
    ...twos(31),
  ]);
});

test('an answer of more than 4 MiB is read no further, and its batch not sent again', async () => {
  const sink = await answering({ body: Buffer.alloc(5 * 1024 * 1024) });
  const handle = sendingTo(sink.url);
  oneSpan();
  await handle.forceFlush();
  expect(counts(handle)).toEqual({ exported: 0, dropped: 1, waiting: 0 });
});

test('a flush asks once more where what was on its way has failed', async () => {
  let release = (): void => undefined;
  const held = new Promise<SinkAnswer>((resolve) => {
    release = () => resolve({ status: 503 });
  });
  const answers = [held];
  const sink = await otlpSink({ answer: async () => answers.shift() });
  const handle = sendingTo(sink.url, { batch: { maxExportBatchSize: 1 } });
  oneSpan();
  await sink.next();
  const flushed = handle.forceFlush();
  release();
  await flushed;
  expect(counts(handle)).toEqual({ exported: 1, dropped: 0, waiting: 0 });
});

test('a kept connection that is closed as it is used again is no trouble', async () => {
  const warnings = collectWarnings();
  const seen = new WeakSet<Socket>();
  const url = await listen((request, response) => {
    // As a server whose time for an idle connection is over at this moment.
    if (seen.has(request.socket)) return void request.socket.destroy();
    seen.add(request.socket);
    return request.resume().on('end', () => response.end());
  });
  const handle = sendingTo(url);
  for (let round = 0; round < 3; round++) {
    oneSpan();
    await handle.forceFlush();
  }
  expect(counts(handle)).toEqual({ exported: 3, dropped: 0, waiting: 0 });
  expect(warnings).toEqual([]);
});

test('calls of an exporter make no spans', async () => {
  const headers: IncomingHttpHeaders[] = [];
  const backend = await listen((request, response) => {
    headers.push(request.headers);
    response.end();
  });
  const send = async (done: Parameters<SpanExporter['export']>[1]): Promise<void> => {
    const { ok } = await fetch(backend, { method: 'POST' });
    done({ code: ok ? 0 : 1 });
  };
  const exporter: SpanExporter = {
    export: (_batch, done) => void send(done),
    shutdown: async () => undefined,
  };
  const handle = started({ exporter, outgoingHttp: { requireParent: false } });
  oneSpan();
  await handle.forceFlush();
  expect(headers).toHaveLength(1);
  expect(headers[0]).not.toHaveProperty('traceparent');
  expect(handle.report()).toMatchObject({ started: 1, exports: [{ exported: 1 }] });
});

test('trouble is said when it begins and when it ends, and no more than once a minute', async () => {
  const warnings = collectWarnings();
  const sink = await answering({ status: 503 }, { status: 503 }, {}, { status: 503 }, {});
  const handle = sendingTo(sink.url);
  for (let round = 0; round < 5; round++) {
    oneSpan();
    await handle.forceFlush();
  }
  const address = `${sink.url}/v1/traces`;
  expect(warnings).toEqual([
    `spans do not reach ${address}: HTTP 503. The receiver is overloaded, or not ready yet. ` +
      '1 wait (at most 2048), 0 were dropped since it began',
    expect.stringMatching(`^spans reach ${address} again, after 0 s. `),
  ]);
});

test('the address is said without what may be secret in it', async () => {
  const warnings = collectWarnings();
  const url = (await deadEndpoint()).replace('://', '://user:hidden@');
  const handle = sendingTo(`${url}/base?token=hidden`);
  oneSpan();
  await handle.forceFlush();
  expect(warnings).toEqual([expect.stringContaining('/base/v1/traces?REDACTED: connect ECONNREFUSED')]);
  expect(JSON.stringify([warnings, handle.report()])).not.toContain('hidden');
});

test('a full queue is said, though the collector takes what it gets', async () => {
  const warnings = collectWarnings();
  const sink = await otlpSink();
  const handle = sendingTo(sink.url, { batch: { maxQueueSize: 2, maxExportBatchSize: 2 } });
  spans(3);
  await handle.forceFlush();
  expect(warnings).toEqual([
    expect.stringContaining('Raise OTEL_BSP_MAX_QUEUE_SIZE, or sample. 0 wait (at most 2), 1 '),
  ]);
});

test('at shutdown a collector that comes back in time gets everything', async () => {
  const sink = await answering({ status: 503 }, { status: 503 });
  const handle = sendingTo(sink.url, { shutdownTimeoutMillis: 60_000 });
  spans(2);
  await handle.shutdown();
  expect(counts(handle)).toEqual({ exported: 2, dropped: 0, waiting: 0 });
});

test('what cannot be sent in time is counted as dropped by the shutdown', async () => {
  const handle = sendingTo(await deadEndpoint());
  spans(2);
  await handle.shutdown();
  expect(counts(handle)).toEqual({ exported: 0, dropped: 2, waiting: 0 });
});

test('sending belongs to no request: the exporter finds nothing of the request in whose end it is called', async () => {
  const requests = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const exporter: SpanExporter = {
    export(_batch, done) {
      seen.push(requests.getStore());
      done({ code: 0 });
    },
    shutdown: async () => undefined,
  };
  const handle = started({ exporter, batch: { maxExportBatchSize: 1 } });
  await requests.run('a request', async () => {
    oneSpan();
    await handle.forceFlush();
  });
  expect(seen).toEqual([undefined]);
});

test('an exporter of the application that never answers is given up, and its spans are counted', async () => {
  const exporter: SpanExporter = { export: () => undefined, shutdown: async () => undefined };
  const handle = started({ exporter, batch: { exportTimeoutMillis: 1 } });
  oneSpan();
  await handle.forceFlush();
  expect(counts(handle)).toEqual({ exported: 0, dropped: 1, waiting: 0 });
});

test('report tells what is wrong and since when, and that it is over', async () => {
  const sink = await answering({ status: 503 });
  const handle = sendingTo(sink.url);
  oneSpan();
  await handle.forceFlush();
  const url = `${sink.url}/v1/traces`;
  const lastError = { message: 'HTTP 503', time: expect.any(Date) as Date };
  const failing = { exporter: 'otlp', url, taken: 1, exported: 0, dropped: 0, waiting: 1, lastError };
  expect(handle.report()).toEqual({
    started: 1,
    ended: 1,
    exports: [{ ...failing, failingSince: lastError.time }],
  });
  await handle.forceFlush();
  expect(handle.report().exports).toEqual([{ ...failing, exported: 1, waiting: 0 }]);
});

function twos(count: number): number[] {
  return Array.from({ length: count }, () => 2);
}
