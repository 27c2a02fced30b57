import { context, type TracerProvider, trace } from '@opentelemetry/api';
import { InstrumentationBase } from '@opentelemetry/instrumentation';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-node';
import { expect, test } from 'vitest';

import { listen } from './support/listen.ts';
import { collectWarnings, started } from './support/started.ts';

/** Remembers what was done with it; patches nothing. */
class Recording extends InstrumentationBase {
  readonly calls: string[];

  constructor(calls: string[], enabled: boolean) {
    super('recording', '1.0.0', { enabled });
    this.calls = calls;
  }

  init(): [] {
    return [];
  }

  override enable(): void {
    // The base class enables it while it is being made, before there is a list.
    this.calls?.push('enable');
    super.enable();
  }

  override disable(): void {
    this.calls.push('disable');
    super.disable();
  }

  override setTracerProvider(provider: TracerProvider): void {
    super.setTracerProvider(provider);
    this.calls.push('setTracerProvider');
  }

  makeSpan(): void {
    this.tracer.startSpan('instrumented').end();
  }
}

test.each([
  ['enabled itself when it was made', true, ['setTracerProvider']],
  ['was made disabled', false, ['setTracerProvider', 'enable']],
])('an instrumentation that %s is enabled once and makes spans', async (_how, enabled, expected) => {
  const calls: string[] = [];
  const instrumentation = new Recording(calls, enabled);
  const exporter = new InMemorySpanExporter();
  const handle = started({ exporter, instrumentations: [instrumentation] });
  expect(calls).toEqual(expected);
  instrumentation.makeSpan();
  await handle.forceFlush();
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['instrumented']);
  await handle.shutdown();
  expect(calls).toEqual([...expected, 'disable']);
});

test('an instrumentation works again after shutdown and another initTracing', async () => {
  const calls: string[] = [];
  const instrumentation = new Recording(calls, true);
  await started({ exporter: 'none', instrumentations: [instrumentation] }).shutdown();
  const exporter = new InMemorySpanExporter();
  const handle = started({ exporter, instrumentations: [instrumentation] });
  expect(calls).toEqual(['setTracerProvider', 'disable', 'setTracerProvider', 'enable']);
  instrumentation.makeSpan();
  await handle.forceFlush();
  expect(exporter.getFinishedSpans()).toHaveLength(1);
});

test('an upstream instrumentation of HTTP takes the place of ours: one span, one traceparent', async () => {
  const parents: string[] = [];
  const url = await listen((request, response) => {
    parents.push(...(request.headersDistinct['traceparent'] ?? []));
    response.end();
  });
  const exporter = new InMemorySpanExporter();
  const handle = started({ exporter, instrumentations: [new UndiciInstrumentation()] });
  await handle.tracer.startActiveSpan('caller', async () => (await fetch(url)).text());
  await handle.forceFlush();
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['GET']);
  await handle.shutdown();
  await (await fetch(url)).text();
  expect(parents).toEqual([expect.stringMatching(/^00-[\da-f]{32}-[\da-f]{16}-03$/)]);
});

test('an instrumentation that throws is said so, and the others work', () => {
  const warnings = collectWarnings();
  const broken = new Recording([], false);
  broken.setTracerProvider = () => {
    throw new Error('broken');
  };
  const calls: string[] = [];
  started({ exporter: 'none', instrumentations: [broken, new Recording(calls, false)] });
  expect(calls).toEqual(['setTracerProvider', 'enable']);
  expect(warnings).toEqual(['the instrumentation recording failed: Error: broken']);
});

test.each([
  ['is traced by default', {}, ['GET']],
  ['can be switched off', { outgoingHttp: false }, []],
])('outgoing HTTP %s, and sends traceparent', async (_how, options, expected) => {
  let traceparent: unknown;
  const url = await listen((request, response) => {
    traceparent = request.headers['traceparent'];
    response.end();
  });
  const exporter = new InMemorySpanExporter();
  const { tracer, forceFlush, shutdown } = started({ exporter, ...options });
  await tracer.startActiveSpan('caller', async () => (await fetch(url)).text());
  await forceFlush();
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(expected);
  expect(traceparent !== undefined).toBe(expected.length > 0);
  await shutdown();
  const parent = trace.setSpanContext(context.active(), {
    traceId: '1'.repeat(32),
    spanId: '2'.repeat(16),
    traceFlags: 1,
  });
  await context.with(parent, async () => (await fetch(url)).text());
  expect(traceparent).toBeUndefined();
});
