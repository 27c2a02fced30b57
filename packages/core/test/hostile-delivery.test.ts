import { diag, type DiagLogger, DiagLogLevel, trace } from '@opentelemetry/api';
import type { SpanExporter } from '@opentelemetry/sdk-trace-node';
import { expect, onTestFinished, test } from 'vitest';

import type { OtlpProtocol } from '../src/sdk/otlp-settings.ts';
import { listen } from './support/listen.ts';
import { otlpSink, spanNames } from './support/otlp-sink.ts';
import { collectWarnings, oneSpan, started } from './support/started.ts';
import { type DecodedSpan, decodedSpans } from './support/trace-request.ts';

/** An hour: within a test, never. */
const NEVER = { scheduleDelayMillis: 3_600_000 };

test('of an answer that is never finished the head counts, and its batch is not sent again', async () => {
  const url = await listen((request, response) => {
    request.resume().on('end', () => response.writeHead(200).write('{'));
  });
  const otlp = { endpoint: url, protocol: 'http/json', timeoutMillis: 200 } as const;
  const handle = started({ otlp, batch: NEVER, shutdownTimeoutMillis: 1 });
  oneSpan();
  await handle.forceFlush();
  expect(handle.report().exports).toMatchObject([{ exported: 1, dropped: 0, waiting: 0 }]);
});

test.each<OtlpProtocol>(['http/json', 'http/protobuf'])(
  'a success in %s whose text is no message is a success, and nothing is said',
  async (protocol) => {
    const warnings = collectWarnings();
    const sink = await otlpSink({ answer: async () => ({ body: 'OK' }) });
    const handle = started({ otlp: { endpoint: sink.url, protocol }, batch: NEVER });
    oneSpan();
    await handle.forceFlush();
    expect(handle.report().exports).toMatchObject([{ exported: 1, dropped: 0 }]);
    expect(warnings).toEqual([]);
  },
);

test('a span with which every request fails keeps no other one from the collector', async () => {
  const sink = await otlpSink({
    answer: async (received) => ({ status: spanNames(received).includes('poison') ? 503 : 200 }),
  });
  const handle = started({
    otlp: { endpoint: sink.url, protocol: 'http/json' },
    batch: NEVER,
    shutdownTimeoutMillis: 1,
  });
  for (const name of ['1', '2', 'poison', '3', '4', '5']) oneSpan(name);
  // Each flush ends with a failure, the fifth with that of the one alone.
  for (let flush = 0; flush < 6; flush++) await handle.forceFlush();
  expect(handle.report().exports).toMatchObject([{ exported: 5, dropped: 0, waiting: 1 }]);
  const sent = sink.received.length;
  for (const name of ['6', '7']) oneSpan(name);
  await handle.forceFlush();
  await handle.forceFlush();
  // It is known by now, and costs the others no request.
  expect(sink.received.slice(sent).map(spanNames)).toEqual([['poison'], ['6'], ['7'], ['poison']]);
});

test('spans that failed alone, since the collector was down, are sent together when it is back', async () => {
  let isUp = false;
  const sink = await otlpSink({ answer: async () => ({ status: isUp ? 200 : 503 }) });
  const handle = started({ otlp: { endpoint: sink.url, protocol: 'http/json' }, batch: NEVER });
  for (const name of ['1', '2', '3', '4']) oneSpan(name);
  for (let flush = 0; flush < 6; flush++) await handle.forceFlush();
  isUp = true;
  const sent = sink.received.length;
  await handle.forceFlush();
  expect(handle.report().exports).toMatchObject([{ exported: 4, dropped: 0, waiting: 0 }]);
  expect(sink.received.slice(sent).map((received) => spanNames(received).length)).toEqual([1, 2, 1]);
});

test.each<OtlpProtocol>(['http/json', 'http/protobuf'])(
  'a span that cannot be serialized in %s does not take the others with it',
  async (protocol) => {
    const sink = await otlpSink();
    const handle = started({ otlp: { endpoint: sink.url, protocol }, batch: NEVER });
    for (let span = 0; span < 20; span++) oneSpan();
    // JavaScript lets anything be handed in.
    const links = [{ context: undefined as never }];
    trace.getTracer('test').startSpan('broken', { links }).end();
    oneSpan();
    await handle.forceFlush();
    expect(handle.report().exports).toMatchObject([{ taken: 22, exported: 21, dropped: 1, waiting: 0 }]);
  },
);

test('where nothing that has ended can be serialized, nothing is sent, and what ends later is', async () => {
  const sink = await otlpSink();
  const handle = started({ otlp: { endpoint: sink.url, protocol: 'http/protobuf' }, batch: NEVER });
  trace
    .getTracer('test')
    .startSpan('broken', { links: [{ context: undefined as never }] })
    .end();
  await handle.forceFlush();
  expect(sink.received).toEqual([]);
  expect(handle.report().exports).toMatchObject([{ taken: 1, exported: 0, dropped: 1, waiting: 0 }]);
  oneSpan();
  await handle.forceFlush();
  expect(handle.report().exports).toMatchObject([{ taken: 2, exported: 1, dropped: 1, waiting: 0 }]);
});

test('a link with an id of another length does not make the collector refuse the batch that it is in', async () => {
  // As the Collector does, which takes 16 bytes (24 characters of base64) or none.
  const isTaken = ({ links }: DecodedSpan): boolean =>
    links.every(({ traceId }) => /^(.{24})?$/.test(traceId));
  const sink = await otlpSink({
    answer: async ({ body }) => ({ status: decodedSpans(body).every(isTaken) ? 200 : 400 }),
  });
  const handle = started({ otlp: { endpoint: sink.url, protocol: 'http/protobuf' }, batch: NEVER });
  const links = [{ context: { traceId: 'order-12', spanId: '12', traceFlags: 1 } }];
  trace.getTracer('test').startSpan('linked', { links }).end();
  oneSpan();
  await handle.forceFlush();
  expect(handle.report().exports).toMatchObject([{ exported: 2, dropped: 0, waiting: 0 }]);
});

test('an exporter whose promise is rejected ends no process, and its spans are counted', async () => {
  const warnings = collectWarnings();
  const exporter: SpanExporter = {
    export: async () => {
      throw new Error('broken');
    },
    shutdown: async () => undefined,
  };
  const handle = started({ exporter, batch: NEVER });
  oneSpan();
  await handle.forceFlush();
  expect(handle.report().exports).toMatchObject([{ exported: 0, dropped: 1, waiting: 0 }]);
  expect(warnings).toEqual([expect.stringContaining('spans do not reach the exporter: broken. ')]);
});

test('a logger of the application that throws stops neither batches nor shutdown', async () => {
  const fail = (): never => {
    throw new Error('the logger is broken');
  };
  const logger: DiagLogger = { error: fail, warn: fail, info: fail, debug: fail, verbose: fail };
  diag.setLogger(logger, DiagLogLevel.WARN);
  onTestFinished(() => diag.disable());
  const answers = [503];
  const sink = await otlpSink({ answer: async () => ({ status: answers.shift() ?? 200 }) });
  const otlp = { endpoint: sink.url, protocol: 'http/json' } as const;
  const handle = started({ otlp, batch: { scheduleDelayMillis: 1 } });
  oneSpan();
  await sink.next();
  expect(spanNames(await sink.next())).toEqual(['span']);
  await handle.shutdown();
  expect(handle.report().exports).toMatchObject([{ exported: 1, dropped: 0, waiting: 0 }]);
});

test('nothing waits after a shutdown that a flush under way outlasts', async () => {
  const exporter: SpanExporter = { export: () => undefined, shutdown: async () => undefined };
  const handle = started({
    exporter,
    batch: { ...NEVER, maxExportBatchSize: 1 },
    shutdownTimeoutMillis: 1,
  });
  oneSpan();
  oneSpan();
  const flushed = handle.forceFlush();
  await handle.shutdown();
  await flushed;
  expect(handle.report().exports).toMatchObject([{ exported: 0, dropped: 2, waiting: 0 }]);
});
