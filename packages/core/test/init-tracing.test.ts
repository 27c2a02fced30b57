import { once } from 'node:events';
import { get } from 'node:http';

import { context, createContextKey, diag, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { expect, onTestFinished, test, vi } from 'vitest';

import { initTracing } from '../src/init-tracing.ts';
import { listen } from './support/listen.ts';
import type { OpenRequests } from '../src/open-requests.ts';
import { traceHttpServer } from '../src/server-span.ts';
import { collectWarnings, oneSpan, setEnvironment, spansOf, started } from './support/started.ts';

const SECOND_CALL =
  'initTracing was called a second time: its options are ignored, the first handle is returned';

test('initTracing returns a tracer whose spans are exported', async () => {
  const exporter = new InMemorySpanExporter();
  const { tracer, forceFlush } = started({ exporter, serviceName: 'shop' });
  tracer.startActiveSpan('outer', (outer) => {
    tracer.startSpan('inner').end();
    outer.end();
  });
  await forceFlush();
  const [inner, outer] = exporter.getFinishedSpans();
  expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
  expect(outer?.resource.attributes['service.name']).toBe('shop');
});

test('context follows asynchronous calls', async () => {
  started({ exporter: 'none' });
  const key = createContextKey('test');
  await context.with(ROOT_CONTEXT.setValue(key, 'kept'), async () => {
    await new Promise((resolve) => setImmediate(resolve));
    expect(context.active().getValue(key)).toBe('kept');
  });
});

test('a second call returns the handle of the first and warns once', () => {
  const warnings = collectWarnings();
  const handle = started({ exporter: 'none' });
  expect(initTracing({ serviceName: 'other' })).toBe(handle);
  expect(initTracing()).toBe(handle);
  expect(warnings).toEqual([SECOND_CALL]);
});

test('two copies of the package agree on which call was the first', async () => {
  const warnings = collectWarnings();
  const handle = started({ exporter: 'none' });
  vi.resetModules();
  const copy = await import('../src/init-tracing.ts');
  expect(copy.initTracing).not.toBe(initTracing);
  expect(copy.initTracing()).toBe(handle);
  expect(warnings).toEqual([SECOND_CALL]);
});

test('after shutdown initTracing may be called again, and everything works again', async () => {
  const warnings = collectWarnings();
  for (const name of ['first', 'second']) {
    const spans = await spansOf(
      () => {
        oneSpan(name);
        const carrier: Record<string, string> = {};
        trace.getTracer('test').startActiveSpan('active', () => {
          expect(trace.getActiveSpan()).toBeDefined();
          propagation.inject(context.active(), carrier);
        });
        expect(carrier).toHaveProperty('traceparent');
      },
      { serviceName: name },
    );
    expect(spans).toMatchObject([{ name, resource: { attributes: { 'service.name': name } } }]);
  }
  expect(warnings).toEqual([]);
});

test('a tracer of the API makes spans again after shutdown and another initTracing, and none between', async () => {
  const tracer = trace.getTracer('taken at the start');
  const work = (): void => {
    tracer.startActiveSpan('outer', {}, (outer) => {
      tracer.startSpan('inner').end();
      outer.end();
    });
  };
  expect((await spansOf(work, { serviceName: 'first' })).length).toBe(2);
  expect(tracer.startSpan('between').isRecording()).toBe(false);
  const [inner, outer] = await spansOf(work, { serviceName: 'second' });
  expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
  expect(outer?.resource.attributes['service.name']).toBe('second');
  expect(outer?.instrumentationScope.name).toBe('taken at the start');
});

test('initTracing may be called again while shutdown is still flushing', async () => {
  const first = started({ exporter: 'none' });
  const closing = first.shutdown();
  const exporter = new InMemorySpanExporter();
  const second = started({ exporter });
  await closing;
  oneSpan();
  await second.forceFlush();
  expect(exporter.getFinishedSpans()).toHaveLength(1);
});

test('shutdown takes everything away that was registered', async () => {
  setEnvironment({});
  const handle = initTracing({ exporter: 'none' });
  await handle.shutdown();
  const registered = Reflect.get(globalThis, Symbol.for('opentelemetry.js.api.1')) as object;
  expect(registered).toEqual({ version: expect.any(String) });
  expect(process.listeners('SIGTERM')).toEqual([]);
  expect(process.listeners('SIGINT')).toEqual([]);
});

test('further calls of shutdown return the promise of the first', async () => {
  const handle = started({ exporter: 'none' });
  expect(handle.shutdown()).toBe(handle.shutdown());
  await handle.shutdown();
});

test('a tracer taken before initTracing makes spans after it', async () => {
  const early = trace.getTracer('early');
  expect(early.startSpan('too early').isRecording()).toBe(false);
  const spans = await spansOf(() => early.startSpan('in time').end());
  expect(spans.map(({ name }) => name)).toEqual(['in time']);
});

test('where the application registered a provider, that one is used with one warning, and stays', async () => {
  setEnvironment({});
  const warnings = collectWarnings();
  const theirs = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(theirs)] });
  let flushes = 0;
  provider.forceFlush = async () => void flushes++;
  provider.register();
  onTestFinished(() => {
    trace.disable();
    context.disable();
    propagation.disable();
  });

  const ours = new InMemorySpanExporter();
  const handle = initTracing({ serviceName: 'ours', exporter: ours });
  handle.tracer.startSpan('first').end();
  await handle.forceFlush();
  await handle.shutdown();
  oneSpan('second');

  expect(theirs.getFinishedSpans().map(({ name }) => name)).toEqual(['first', 'second']);
  expect(ours.getFinishedSpans()).toEqual([]);
  expect(flushes).toBe(1);
  expect(warnings).toEqual([
    'the application registered a tracer provider before initTracing: that one is used, with its own resource, ' +
      'sampler, propagators and exporter',
  ]);
});

test.each([
  ['is traced by default, since nobody else does', {}, 1],
  ['is left alone where asked', { outgoingHttp: false }, 0],
])("beside a provider of the application's outgoing HTTP %s", async (_sentence, options, expected) => {
  setEnvironment({});
  const theirs = new InMemorySpanExporter();
  new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(theirs)] }).register();
  onTestFinished(() => {
    trace.disable();
    context.disable();
    propagation.disable();
  });
  const parents: string[] = [];
  const url = await listen((request, response) => {
    parents.push(...(request.headersDistinct['traceparent'] ?? []));
    response.end();
  });
  const handle = initTracing({ logLevel: 'none', ...options });
  await handle.tracer.startActiveSpan('caller', async () => (await fetch(url)).text());
  await handle.shutdown();
  expect(parents).toHaveLength(expected);
  expect(theirs.getFinishedSpans()).toHaveLength(expected);
});

test("a failing flush of the application's provider does not reach the application", async () => {
  setEnvironment({});
  const provider = new BasicTracerProvider();
  provider.forceFlush = () => Promise.reject(new Error('broken'));
  trace.setGlobalTracerProvider(provider);
  onTestFinished(() => trace.disable());
  const handle = initTracing({ logLevel: 'none' });
  expect(await handle.forceFlush()).toBeUndefined();
  await handle.shutdown();
});

test('a context manager and propagator that the application registered are kept', async () => {
  const warnings = collectWarnings();
  const propagator = { inject: () => undefined, extract: () => ROOT_CONTEXT, fields: () => ['theirs'] };
  propagation.setGlobalPropagator(propagator);
  onTestFinished(() => propagation.disable());
  await spansOf(() => expect(propagation.fields()).toEqual(['theirs']));
  expect(propagation.fields()).toEqual(['theirs']);
  expect(warnings).toEqual(['the application registered a propagator of its own, which is kept']);
});

test('a logger that the application gave to diag is kept over shutdown, and shutdown removes one of ours', async () => {
  const warnings = collectWarnings();
  await started({ exporter: 'none', logLevel: 'verbose' }).shutdown();
  diag.warn('still theirs');
  expect(warnings).toEqual(['still theirs']);
});

test.each([
  ['OTEL_SDK_DISABLED=TRUE', {}, { OTEL_SDK_DISABLED: 'TRUE' }],
  ['disabled: true over OTEL_SDK_DISABLED=false', { disabled: true }, { OTEL_SDK_DISABLED: 'false' }],
])('%s: no spans, the propagators stay, the handle works', async (_name, options, environment) => {
  const exporter = new InMemorySpanExporter();
  const handle = started({ exporter, ...options }, environment);
  const parent = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: '1'.repeat(32),
    spanId: '2'.repeat(16),
    traceFlags: 1,
  });
  context.with(parent, () => {
    handle.tracer.startActiveSpan('nothing', (span) => expect(span.isRecording()).toBe(false));
    const carrier = {};
    propagation.inject(context.active(), carrier);
    expect(carrier).toEqual({ traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01` });
  });
  await handle.forceFlush();
  expect(exporter.getFinishedSpans()).toEqual([]);
  await handle.shutdown();
});

test('disabled: false in code wins over OTEL_SDK_DISABLED', async () => {
  expect(await spansOf(() => oneSpan(), { disabled: false }, { OTEL_SDK_DISABLED: 'true' })).toHaveLength(1);
});

test.each([
  ['neither sampler nor processor of the application', {}, false],
  ['a sampler by name', { sampler: 'always_on' }, false],
  ['a sampler of the application', { sampler: { shouldSample: () => ({ decision: 2 }) } }, true],
  ['a span processor', { spanProcessors: [new SimpleSpanProcessor(new InMemorySpanExporter())] }, true],
] as const)('attributes are wanted at the start of a span: %s', async (_name, options, expected) => {
  const handle = started({ exporter: 'none', ...options });
  const state = (): unknown => Reflect.get(globalThis, Symbol.for('@org/tracing.state'));
  expect(state()).toMatchObject({ attributesAtStart: expected });
  await handle.shutdown();
  expect(state()).not.toHaveProperty('attributesAtStart');
});

test('a request is remembered until it ends, and after shutdown none is', async () => {
  const state = (): unknown => Reflect.get(globalThis, Symbol.for('@org/tracing.state'));
  const http = traceHttpServer({ scope: { name: 'test', version: '1' }, route: () => undefined }, {});
  const handle = started({ exporter: 'none' });
  const { openRequests } = state() as { openRequests: OpenRequests };
  const seen: boolean[] = [];
  const url = await listen((request, response) => {
    http.open(request).attach(response);
    seen.push(openRequests.isEmpty);
    response.end();
  });
  await (await fetch(url)).text();
  expect([...seen, openRequests.isEmpty]).toEqual([false, true]);
  await handle.shutdown();
  expect(state()).not.toHaveProperty('openRequests');
});

test('disabled, a service passes on to its calls what came with its request', async () => {
  const received: unknown[] = [];
  const next = await listen((request, response) => {
    received.push(request.headers.traceparent);
    response.end();
  });
  started({ disabled: true });
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const carried = propagation.extract(ROOT_CONTEXT, { traceparent });
  await context.with(carried, async () => {
    await fetch(next);
    await once(get(next), 'response');
  });
  await fetch(next);
  expect(received).toEqual([traceparent, traceparent, undefined]);
});
