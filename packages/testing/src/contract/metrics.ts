import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { describe, expect, onTestFinished } from 'vitest';

import { REMOTE_SPAN_ID, REMOTE_TRACE_ID, send, traceparent } from './client.ts';
import type { Route } from './harness.ts';
import type { Check } from './trial.ts';

const users: Route = {
  method: 'GET',
  path: '/users/:id',
  handler: ({ params }) => {
    if (params['id'] === 'broken') throw new TypeError('no stock');
    return { body: 'ok' };
  },
};

/** A meter provider of the application's. What it gives reads `http.server.request.duration`. */
function durations(): () => Promise<readonly { count: number; sum: number; attributes: object }[]> {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  onTestFinished(async () => {
    metrics.disable();
    await provider.shutdown();
  });
  return async () => {
    await provider.forceFlush();
    const all =
      exporter
        .getMetrics()
        .at(-1)
        ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
    const found = all.find(({ descriptor }) => descriptor.name === 'http.server.request.duration');
    if (found?.dataPointType !== DataPointType.HISTOGRAM) return [];
    expect(found.descriptor.unit).toBe('s');
    return found.dataPoints.map(({ value, attributes }) => ({
      count: value.count,
      sum: value.sum ?? 0,
      attributes,
    }));
  };
}

/** How long requests take, where somebody asks for it. */
export function metricTests(check: Check): void {
  describe('durations', () => {
    check(
      'have the route of the span and nothing of many values, sampled or not (Y13)',
      async (trial) => {
        const read = durations();
        trial.initTracing({ metrics: true });
        const { url, close } = await trial.start({ routes: [users] });
        const began = performance.now();
        for (const id of [1, 2]) await send(`${url}/users/${id}?secret=1`);
        const unsampled = traceparent(REMOTE_TRACE_ID, REMOTE_SPAN_ID, '00');
        await send(`${url}/users/3`, { headers: unsampled });
        await send(`${url}/users/broken`);
        await send(`${url}/nowhere/at/all`);
        await send(`${url}/users/1`, { method: 'PURGE' });
        await send(`${url}/health`);
        await close();
        const seconds = (performance.now() - began) / 1000;

        const common = { 'network.protocol.version': '1.1', 'url.scheme': 'http' };
        const get = { ...common, 'http.request.method': 'GET' };
        const route = { 'http.route': '/users/:id' };
        const all = await read();
        const failed = { 'http.response.status_code': 500, 'error.type': '500' };
        const purge = { ...common, 'http.request.method': '_OTHER' };
        const purged = all.find(
          ({ attributes }) => (attributes as typeof purge)['http.request.method'] === '_OTHER',
        );
        expect(all.map(({ count, attributes }) => ({ count, attributes }))).toEqual(
          expect.arrayContaining([
            { count: 3, attributes: { ...get, ...route, 'http.response.status_code': 200 } },
            { count: 1, attributes: { ...get, ...route, ...failed } },
            { count: 1, attributes: { ...get, 'http.response.status_code': 404 } },
            { count: 1, attributes: { ...purged?.attributes, ...purge } },
          ]),
        );
        expect(all).toHaveLength(4);
        const sum = all.reduce((total, each) => total + each.sum, 0);
        expect(sum).toBeGreaterThan(0);
        expect(sum).toBeLessThan(seconds);
      },
      { tracing: false },
    );

    check('are not taken where nobody asked', async (trial) => {
      const read = durations();
      const { url, close } = await trial.start({ routes: [users] });
      await send(`${url}/users/1`);
      await close();
      expect(await read()).toEqual([]);
    });
  });
}
