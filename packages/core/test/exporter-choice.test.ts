import { InMemorySpanExporter, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace-node';
import { expect, test } from 'vitest';

import { runChild } from './support/child.ts';
import { otlpSink, spanNames } from './support/otlp-sink.ts';
import { collectWarnings, oneSpan, started } from './support/started.ts';

const JSON_PROTOCOL = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };

/** A program that makes one span called "work" and prints nothing itself. */
const ONE_SPAN = `
  import { initTracing, withSpan } from '@org/tracing-core';
  initTracing({ serviceName: 'program', shutdownTimeoutMillis: 60_000 });
  withSpan('work', () => undefined);
`;

test('without any endpoint spans are printed on the console, on stderr', async () => {
  const { stderr, code } = await runChild(ONE_SPAN).exit;
  expect(stderr).toContain('work');
  expect(code).toBe(0);
});

test.each([
  ['OTEL_EXPORTER_OTLP_ENDPOINT', ''],
  ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', '/custom'],
])('where %s is set spans go there, and nothing is printed', async (name, path) => {
  const sink = await otlpSink();
  const environment = { [name]: sink.url + path, ...JSON_PROTOCOL };
  const { stderr } = await runChild(ONE_SPAN, environment).exit;
  expect(sink.received.flatMap(spanNames)).toEqual(['work']);
  expect(stderr).toBe('');
});

test('OTEL_TRACES_EXPORTER=none sends and prints nothing, whatever endpoint is set', async () => {
  const sink = await otlpSink();
  const environment = { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: sink.url };
  expect(await runChild(ONE_SPAN, environment).exit).toEqual({ code: 0, signal: null, stderr: '' });
  expect(sink.received).toEqual([]);
});

test('OTEL_TRACES_EXPORTER=console prints spans, whatever endpoint is set', async () => {
  const sink = await otlpSink();
  const environment = { OTEL_TRACES_EXPORTER: 'Console', OTEL_EXPORTER_OTLP_ENDPOINT: sink.url };
  expect((await runChild(ONE_SPAN, environment).exit).stderr).toContain('work');
  expect(sink.received).toEqual([]);
});

test('OTEL_TRACES_EXPORTER may list several exporters', async () => {
  const sink = await otlpSink();
  const environment = {
    OTEL_TRACES_EXPORTER: 'otlp,console',
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    ...JSON_PROTOCOL,
  };
  expect((await runChild(ONE_SPAN, environment).exit).stderr).toContain('work');
  expect(sink.received.flatMap(spanNames)).toEqual(['work']);
});

test('an exporter in code wins over the environment, and is fed in batches', async () => {
  const batches: string[][] = [];
  const exporter: SpanExporter = {
    export(spans: ReadableSpan[], done) {
      batches.push(spans.map((span) => span.name));
      done({ code: 0 });
    },
    shutdown: async () => undefined,
  };
  const handle = started({ exporter }, { OTEL_TRACES_EXPORTER: 'console' });
  oneSpan('first');
  oneSpan('second');
  await handle.forceFlush();
  expect(batches).toEqual([['first', 'second']]);
});

test('exporters in code may be named, and mixed with one of the application', async () => {
  const sink = await otlpSink();
  const memory = new InMemorySpanExporter();
  const handle = started({ exporter: ['otlp', memory], otlp: { endpoint: sink.url, protocol: 'http/json' } });
  oneSpan();
  await handle.forceFlush();
  expect(sink.received.flatMap(spanNames)).toEqual(['span']);
  expect(memory.getFinishedSpans()).toHaveLength(1);
});

test('spanProcessors see every span beside the exporter', async () => {
  const memory = new InMemorySpanExporter();
  const seen: string[] = [];
  const handle = started({
    exporter: memory,
    spanProcessors: [
      {
        onStart: (span) => void seen.push(`start ${span.name}`),
        onEnd: (span) => void seen.push(`end ${span.name}`),
        forceFlush: async () => undefined,
        shutdown: async () => void seen.push('shutdown'),
      },
    ],
  });
  oneSpan();
  await handle.forceFlush();
  expect(memory.getFinishedSpans()).toHaveLength(1);
  await handle.shutdown();
  expect(seen).toEqual(['start span', 'end span', 'shutdown']);
});

test.each<[string, SpanExporter['export']]>([
  [
    'throws',
    () => {
      throw new Error('broken');
    },
  ],
  ['fails', (_spans, done) => done({ code: 1, error: new Error('broken') })],
])('an exporter that %s loses its spans, says so in one line, and never throws', async (_how, broken) => {
  const warnings = collectWarnings();
  const handle = started({ exporter: { export: broken, shutdown: async () => undefined } });
  oneSpan();
  oneSpan();
  await handle.forceFlush();
  expect(warnings).toEqual([
    'spans do not reach the exporter: broken. 0 wait (at most 2048), 2 were dropped since it began',
  ]);
});

test('an exporter whose shutdown fails does not fail that of tracing', async () => {
  const warnings = collectWarnings();
  const exporter: SpanExporter = {
    export: (_spans, done) => done({ code: 0 }),
    shutdown: async () => {
      throw new Error('will not stop');
    },
  };
  await started({ exporter }).shutdown();
  expect(warnings).toEqual(['shutdown of the exporter failed: Error: will not stop']);
});

test.each<[string, () => never | Promise<never>]>([
  [
    'throws',
    () => {
      throw new Error('broken');
    },
  ],
  ['gives a promise that is rejected', () => Promise.reject(new Error('broken'))],
])(
  'a span processor that %s is said once, and neither the application nor the exporter notices',
  async (_way, fail) => {
    const warnings = collectWarnings();
    const memory = new InMemorySpanExporter();
    const broken = { onStart: fail, onEnding: fail, onEnd: fail, forceFlush: fail, shutdown: fail };
    const handle = started({ exporter: memory, spanProcessors: [broken] });
    oneSpan();
    oneSpan();
    await handle.forceFlush();
    expect(memory.getFinishedSpans()).toHaveLength(2);
    await handle.shutdown();
    expect(warnings).toEqual([
      'onStart of a span processor threw, which is said once: Error: broken',
      'onEnding of a span processor threw, which is said once: Error: broken',
      'onEnd of a span processor threw, which is said once: Error: broken',
      'forceFlush of a span processor failed: Error: broken',
      'forceFlush of a span processor failed: Error: broken',
      'shutdown of a span processor failed: Error: broken',
    ]);
  },
);
