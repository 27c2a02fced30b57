import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';

import { metrics, propagation } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-node';
import { expect, onTestFinished, test } from 'vitest';

import { durationMetric, HTTP_DURATION_BOUNDARIES } from '../src/duration-metric.ts';
import { traceHttpServer } from '../src/server-span.ts';
import { sharedState } from '../src/shared-state.ts';
import { withSpan } from '../src/with-span.ts';
import { listen } from './support/listen.ts';
import { metricSink, resourceOf, type ReceivedSeries, seriesOf } from './support/metric-sink.ts';
import { deadEndpoint } from './support/otlp-sink.ts';
import { collectWarnings, started } from './support/started.ts';

interface Service {
  readonly url: string;
  /** Waits until every request so far is over on the side of the service too. */
  settled(): Promise<unknown>;
}

/** A service that answers by its path: `/404` with 404. */
async function serve(): Promise<Service> {
  const tracing = traceHttpServer<IncomingMessage>({
    scope: { name: 'test', version: '1' },
    route: () => '/:status',
  });
  const closed: Promise<unknown>[] = [];
  const url = await listen((request, response) => {
    closed.push(once(response, 'close'));
    const span = tracing.open(request);
    span.attach(response, request);
    span.run(() => {
      response.statusCode = Number(new URL(request.url ?? '', 'http://x').pathname.slice(1));
      response.end('x');
    });
  });
  return { url, settled: () => Promise.all(closed) };
}

async function viaNode(url: string): Promise<void> {
  const [answer] = (await once(get(url), 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
}

const byName = (series: readonly ReceivedSeries[], name: string): readonly ReceivedSeries[] =>
  series.filter((one) => one.name === name);

/** What docs/attributes.md says of a metric. */
function documentedAttributes(name: string): readonly string[] {
  const document = readFileSync(new URL('../../../docs/attributes.md', import.meta.url), 'utf8');
  const row = document.split('\n').find((line) => line.startsWith(`| \`${name}\``));
  return [...(row ?? '').matchAll(/`([^`]+)`/g)].slice(1).map(([, attribute = '']) => attribute);
}

const DURATION = { unit: 's', bounds: HTTP_DURATION_BOUNDARIES, sum: expect.any(Number) };

test('requests and outgoing calls are measured, by OTLP, with the resource of the spans (Y13)', async () => {
  const sink = await metricSink();
  const memory = new InMemorySpanExporter();
  const handle = started(
    { metrics: true, exporter: memory, serviceName: 'shop' },
    { ...sink.environment, OTEL_METRICS_EXPORTER: '' },
  );
  const { url, settled } = await serve();
  const port = Number(new URL(url).port);
  await withSpan('test', async () => {
    await (await fetch(`${url}/200`)).text();
    await (await fetch(`${url}/500`, { method: 'PROPFIND' })).text();
    await viaNode(`${url}/404?id=1`);
    await viaNode(`${url}/404?id=2`);
  });
  await settled();
  await handle.forceFlush();

  const received = await sink.next();
  expect(received.url).toBe('/v1/metrics');
  expect(resourceOf(received)).toEqual(memory.getFinishedSpans()[0]?.resource.attributes);
  expect(resourceOf(received)).toMatchObject({ 'service.name': 'shop' });
  const series = seriesOf(received);
  const server = {
    ...DURATION,
    name: 'http.server.request.duration',
    description: 'Duration of HTTP server requests.',
    scope: 'test',
  };
  const ofServer = { 'http.route': '/:status', 'url.scheme': 'http', 'network.protocol.version': '1.1' };
  expect(byName(series, server.name)).toEqual([
    {
      ...server,
      count: 1,
      attributes: { ...ofServer, 'http.request.method': 'GET', 'http.response.status_code': 200 },
    },
    {
      ...server,
      count: 1,
      attributes: {
        ...ofServer,
        'http.request.method': '_OTHER',
        'http.response.status_code': 500,
        'error.type': '500',
      },
    },
    {
      ...server,
      count: 2,
      attributes: { ...ofServer, 'http.request.method': 'GET', 'http.response.status_code': 404 },
    },
  ]);
  const client = {
    ...DURATION,
    name: 'http.client.request.duration',
    description: 'Duration of HTTP client requests.',
    scope: '@org/tracing-core',
  };
  const ofClient = { 'server.address': '127.0.0.1', 'server.port': port, 'network.protocol.version': '1.1' };
  expect(byName(series, client.name)).toEqual([
    {
      ...client,
      count: 1,
      attributes: { ...ofClient, 'http.request.method': 'GET', 'http.response.status_code': 200 },
    },
    {
      ...client,
      count: 1,
      attributes: {
        ...ofClient,
        'http.request.method': '_OTHER',
        'http.response.status_code': 500,
        'error.type': '500',
      },
    },
    {
      ...client,
      count: 2,
      attributes: {
        ...ofClient,
        'http.request.method': 'GET',
        'http.response.status_code': 404,
        'error.type': '404',
      },
    },
  ]);
  expect(series.every(({ sum }) => sum > 0 && sum < 30)).toBe(true);
  for (const name of [server.name, client.name]) {
    const names = byName(series, name).flatMap(({ attributes }) => Object.keys(attributes));
    expect(new Set(names)).toEqual(new Set(documentedAttributes(name)));
  }
});

test('a call that fails is measured with its error, one that is aborted without', async () => {
  const sink = await metricSink();
  const handle = started({}, sink.environment);
  const dead = await deadEndpoint();
  const arrivals = new EventEmitter();
  const silent = await listen(() => arrivals.emit('request'));
  await withSpan('test', async () => {
    await expect(fetch(dead)).rejects.toThrow('fetch failed');
    const aborter = new AbortController();
    const arrived = once(arrivals, 'request');
    const call = fetch(silent, { signal: aborter.signal });
    await arrived;
    aborter.abort();
    await expect(call).rejects.toThrow('aborted');
  });
  await handle.forceFlush();
  const failures = seriesOf(await sink.next()).map(({ count, attributes }) => [
    count,
    attributes['server.port'],
    attributes['error.type'],
    attributes['http.response.status_code'],
  ]);
  expect(failures).toEqual([
    [1, Number(new URL(dead).port), 'ECONNREFUSED', undefined],
    [1, Number(new URL(silent).port), undefined, undefined],
  ]);
});

test('what is not sampled is measured all the same, and its hooks are not called', async () => {
  const sink = await metricSink();
  const calls: string[] = [];
  const handle = started(
    { sampler: 'always_off', outgoingHttp: { requestHook: () => void calls.push('request') } },
    sink.environment,
  );
  const { url, settled } = await serve();
  await withSpan('test', async () => {
    await (await fetch(`${url}/200`)).text();
    await viaNode(`${url}/200`);
  });
  await settled();
  await handle.forceFlush();
  const counts = seriesOf(await sink.next()).map(({ name, count }) => [name, count]);
  expect(counts).toEqual([
    ['http.server.request.duration', 2],
    ['http.client.request.duration', 2],
  ]);
  expect(calls).toEqual([]);
});

test('a call without a span around it is measured too', async () => {
  const sink = await metricSink();
  const { url } = await serve();
  const handle = started({}, sink.environment);
  await (await fetch(`${url}/200`)).text();
  await viaNode(`${url}/200`);
  await fetch(`${url}/200`, {
    headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  });
  await handle.forceFlush();
  const [calls] = byName(sink.received.flatMap(seriesOf), 'http.client.request.duration');
  expect(calls).toMatchObject({ count: 3, attributes: { 'http.request.method': 'GET' } });
});

test("an upstream instrumentation of the application's measures its calls, and nobody else does", async () => {
  const sink = await metricSink();
  const instrumentations = [new UndiciInstrumentation()];
  const handle = started({ instrumentations }, sink.environment);
  const url = await listen((_request, response) => response.end());
  await withSpan('test', async () => (await fetch(url)).text());
  await handle.forceFlush();
  expect(seriesOf(await sink.next())).toMatchObject([
    { name: 'http.client.request.duration', scope: '@opentelemetry/instrumentation-undici', count: 1 },
  ]);
});

/** Measures something, as a plugin does. */
function measure(name = 'test.duration'): void {
  const metric = durationMetric(
    { name: 'test', version: '1' },
    { name, description: 'Of a test.', boundaries: [1] },
  );
  if (metric.enabled) metric.record(0.5, { a: 'b' });
}

test.each([
  ['nothing says so', {}, {}],
  ['OTEL_METRICS_EXPORTER=none', {}, { OTEL_METRICS_EXPORTER: 'none' }],
  ['metrics: true and OTEL_METRICS_EXPORTER=none', { metrics: true }, { OTEL_METRICS_EXPORTER: 'none' }],
  ['metrics: false over OTEL_METRICS_EXPORTER=otlp', { metrics: false }, { OTEL_METRICS_EXPORTER: 'otlp' }],
  ['exporter none in code', { metrics: { exporter: 'none' } }, { OTEL_METRICS_EXPORTER: 'otlp' }],
  ['OTEL_SDK_DISABLED', { metrics: true }, { OTEL_SDK_DISABLED: 'true', OTEL_METRICS_EXPORTER: 'otlp' }],
] as const)('metrics are off: %s', async (_sentence, options, environment) => {
  const sink = await metricSink();
  const handle = started(options, { ...sink.environment, OTEL_METRICS_EXPORTER: '', ...environment });
  measure();
  expect(sharedState().metrics).toBeUndefined();
  await handle.forceFlush();
  await handle.shutdown();
  expect(sink.received).toEqual([]);
});

test('shutdown sends what was measured, and takes everything away', async () => {
  const sink = await metricSink();
  const handle = started({}, sink.environment);
  measure('first');
  await handle.shutdown();
  measure('late');
  expect(sink.received.flatMap(seriesOf).map(({ name }) => name)).toEqual(['first']);
  expect(sharedState().metrics).toBeUndefined();

  const again = started({}, sink.environment);
  measure('second');
  await again.shutdown();
  expect(sink.received.flatMap(seriesOf).map(({ name }) => name)).toEqual(['first', 'second']);
});

test('metrics are sent every OTEL_METRIC_EXPORT_INTERVAL milliseconds', async () => {
  const sink = await metricSink();
  started({}, { ...sink.environment, OTEL_METRIC_EXPORT_INTERVAL: '20' });
  measure();
  const counts = [await sink.next(), await sink.next(), await sink.next()].map(seriesOf);
  expect(counts.map(([series]) => series?.count)).toEqual([1, 1, 1]);
});

test('options win over the variables', async () => {
  const sink = await metricSink();
  const other = await metricSink();
  started(
    {
      metrics: { exporter: 'otlp', exportIntervalMillis: 20, exportTimeoutMillis: 1000 },
      otlp: { metricsEndpoint: `${sink.url}/whole`, protocol: 'http/json', headers: { 'x-both': 'code' } },
    },
    {
      ...other.environment,
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_METRIC_EXPORT_INTERVAL: '3600000',
      OTEL_METRIC_EXPORT_TIMEOUT: '1',
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'x-both=metrics,x-metrics=1',
    },
  );
  measure();
  const received = await sink.next();
  expect(received.url).toBe('/whole');
  expect(received.headers).toMatchObject({ 'x-both': 'code', 'x-metrics': '1' });
  expect(other.received).toEqual([]);
});

test.each([
  ['the general variables', 'http/json', {}, '/base/v1/metrics', 'application/json'],
  [
    'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL',
    'http/json',
    { OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/protobuf' },
    '/base/v1/metrics',
    'application/x-protobuf',
  ],
])('metrics are sent by %s', async (_sentence, protocol, environment, path, contentType) => {
  const sink = await metricSink();
  const handle = started(
    {},
    {
      ...sink.environment,
      OTEL_EXPORTER_OTLP_ENDPOINT: `${sink.url}/base`,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      ...environment,
    },
  );
  measure();
  await handle.forceFlush();
  const received = await sink.next();
  expect([received.url, received.headers['content-type']]).toEqual([path, contentType]);
  expect(received.body.includes('test.duration')).toBe(true);
});

test('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT is used as it is, and leaves spans alone', async () => {
  const spans = await metricSink();
  const sink = await metricSink();
  const handle = started(
    {},
    {
      ...spans.environment,
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${sink.url}/whole`,
    },
  );
  measure();
  handle.tracer.startSpan('span').end();
  await handle.forceFlush();
  expect(spans.received.map(({ url }) => url)).toEqual(['/v1/traces']);
  expect(sink.received.map(({ url }) => url)).toEqual(['/whole']);
});

test('an export that fails is one warning and does no harm; shutdown ends in its time', async () => {
  const warnings = collectWarnings();
  const sink = await metricSink({ answer: () => new Promise(() => undefined) });
  const handle = started(
    { shutdownTimeoutMillis: 50 },
    { ...sink.environment, OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '20' },
  );
  measure();
  expect(await handle.forceFlush()).toBeUndefined();
  expect(warnings).toEqual(['metrics were not sent, the export failed: Error: Request timed out']);
  expect(await handle.shutdown()).toBeUndefined();
});

test('wrong variables are named in one warning each, and the defaults are used', async () => {
  const warnings = collectWarnings();
  const sink = await metricSink();
  const handle = started(
    {},
    {
      ...sink.environment,
      OTEL_METRICS_EXPORTER: 'otlp,prometheus',
      OTEL_METRIC_EXPORT_INTERVAL: 'abc',
      OTEL_METRIC_EXPORT_TIMEOUT: '-1',
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'sideways',
    },
  );
  measure();
  await handle.forceFlush();
  expect(sink.received.flatMap(seriesOf)).toHaveLength(1);
  expect(warnings).toEqual([
    'OTEL_METRICS_EXPORTER="prometheus" is not a list of otlp, console, none; otlp is used',
    'OTEL_METRIC_EXPORT_INTERVAL="abc" is not a whole number from 1 to 2147483647; 60000 is used',
    'OTEL_METRIC_EXPORT_TIMEOUT="-1" is not a whole number from 1 to 2147483647; 30000 is used',
    'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE="sideways" is not one of cumulative, delta, lowmemory; ' +
      'cumulative is used',
  ]);
});

test.each([
  ['metrics', 'yes', "initTracing: metrics must be true, false or an object; got 'yes'"],
  [
    'metrics.exporter',
    { exporter: 'x' },
    "initTracing: metrics.exporter must be one of otlp, console, none, or an array of these; got 'x'",
  ],
  [
    'metrics.exportIntervalMillis',
    { exportIntervalMillis: 0 },
    'initTracing: metrics.exportIntervalMillis must be a whole number from 1 to 2147483647; got 0',
  ],
])('a wrong option is a TypeError: %s', (_name, value, message) => {
  expect(() => started({ metrics: value as never })).toThrow(new TypeError(message));
});

test("the application's own meter provider is used, and goes on after shutdown", async () => {
  const sink = await metricSink();
  const theirs = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: theirs });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  onTestFinished(async () => {
    metrics.disable();
    await provider.shutdown();
  });
  const handle = started({ metrics: true }, sink.environment);
  measure();
  await handle.forceFlush();
  const names = theirs
    .getMetrics()
    .flatMap(({ scopeMetrics }) =>
      scopeMetrics.flatMap((scope) => scope.metrics.map(({ descriptor }) => descriptor.name)),
    );
  expect(names).toEqual(['test.duration']);
  await handle.shutdown();
  expect(metrics.getMeterProvider()).toBe(provider);
  expect(sink.received).toEqual([]);
  expect(propagation.fields()).toEqual([]);
});
