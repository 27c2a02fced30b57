import { trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';

import { initTracing } from '../src/init-tracing.ts';
import type { InitTracingOptions } from '../src/sdk/options.ts';
import { collectWarnings, started } from './support/started.ts';

const SAMPLERS =
  'always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio';

test.each<[unknown, string]>([
  ['shop', "options must be an object; got 'shop'"],
  [null, 'options must be an object; got null'],
  [{ serviceName: '' }, "serviceName must be a non-empty string; got ''"],
  [{ serviceName: 1 }, 'serviceName must be a non-empty string; got 1'],
  [{ serviceVersion: 1 }, 'serviceVersion must be a non-empty string; got 1'],
  [{ resourceAttributes: [] }, 'resourceAttributes must be an object; got []'],
  [{ sampler: 'sometimes' }, `sampler must be a Sampler or one of ${SAMPLERS}; got 'sometimes'`],
  [{ sampler: {} }, `sampler must be a Sampler or one of ${SAMPLERS}; got an object`],
  [{ samplerRatio: 2 }, 'samplerRatio must be a number from 0 to 1; got 2'],
  [
    { sampler: 'always_on', samplerRatio: 1 },
    "samplerRatio must be given with a sampler of traceidratio only; got 'always_on'",
  ],
  [
    { propagators: ['tracecontext', 'jaeger'] },
    'propagators must be an array of propagators or names of tracecontext, baggage, b3, b3multi, xray, none; ' +
      "got ['tracecontext', 'jaeger']",
  ],
  [
    { exporter: 'zipkin' },
    "exporter must be a SpanExporter, one of otlp, console, none, or an array of these; got 'zipkin'",
  ],
  [
    { exporter: [{}] },
    'exporter must be a SpanExporter, one of otlp, console, none, or an array of these; got [an object]',
  ],
  [{ spanProcessors: [() => 1] }, 'spanProcessors must be an array of span processors; got [a function]'],
  [{ spanProcessors: {} }, 'spanProcessors must be an array of span processors; got an object'],
  [{ instrumentations: [1] }, 'instrumentations must be an array of instrumentations; got [1]'],
  [{ outgoingHttp: 'yes' }, "outgoingHttp must be true, false or an object; got 'yes'"],
  [{ shutdownTimeoutMillis: 0 }, 'shutdownTimeoutMillis must be a whole number from 1 to 2147483647; got 0'],
  [{ disabled: 'true' }, "disabled must be true or false; got 'true'"],
  [{ logLevel: 'loud' }, "logLevel must be one of none, error, warn, info, debug, verbose, all; got 'loud'"],
  [{ batch: 1 }, 'batch must be an object; got 1'],
  [
    { batch: { scheduleDelayMillis: -1 } },
    'batch.scheduleDelayMillis must be a whole number from 0 to 2147483647; got -1',
  ],
  [
    { batch: { maxQueueSize: 2, maxExportBatchSize: 3 } },
    'batch.maxExportBatchSize must be at most batch.maxQueueSize, 2; got 3',
  ],
  [
    { spanLimits: { attributeCountLimit: 1.5 } },
    'spanLimits.attributeCountLimit must be a whole number from 0 to 2147483647; got 1.5',
  ],
  [
    { otlp: { endpoint: 'localhost:4318' } },
    "otlp.endpoint must be an http:// or https:// URL; got 'localhost:4318'",
  ],
  [
    { otlp: { tracesEndpoint: 'nowhere' } },
    "otlp.tracesEndpoint must be an http:// or https:// URL; got 'nowhere'",
  ],
  [
    { otlp: { protocol: 'http/xml' } },
    "otlp.protocol must be one of http/protobuf, http/json, grpc; got 'http/xml'",
  ],
  [{ otlp: { headers: { authorization: 1 } } }, 'otlp.headers must be an object of strings; got an object'],
  [{ otlp: { compression: 'zstd' } }, "otlp.compression must be one of none, gzip; got 'zstd'"],
  [
    { otlp: { certificate: '/no/such/file' } },
    "otlp.certificate must be the path of a file that can be read; got '/no/such/file'",
  ],
  [
    { otlp: { clientKey: import.meta.filename } },
    'otlp.clientCertificate must be given together with otlp.clientKey; got undefined',
  ],
])('initTracing(%j) throws a TypeError that says: %s', (options, message) => {
  expect(() => initTracing(options as InitTracingOptions)).toThrow(new TypeError(`initTracing: ${message}`));
  // Nothing was set up by halves.
  expect(trace.getTracer('test').startSpan('none').isRecording()).toBe(false);
});

test.each<[unknown, string]>([
  [{ servicename: 'shop' }, 'servicename is no option and has no effect; is serviceName meant?'],
  [{ service_name: 'shop' }, 'service_name is no option and has no effect; is serviceName meant?'],
  [{ endpoint: 'http://localhost:4318' }, 'endpoint is no option and has no effect; is otlp.endpoint meant?'],
  [{ otlp: { header: {} } }, 'otlp.header is no option and has no effect; is otlp.headers meant?'],
  [
    { otlp: { serviceName: 'shop' } },
    'otlp.serviceName is no option and has no effect; is serviceName meant?',
  ],
  [
    { outgoingHttp: { requireParents: false } },
    'outgoingHttp.requireParents is no option and has no effect; is outgoingHttp.requireParent meant?',
  ],
  [
    { batch: { size: 5 } },
    'batch.size is no option and has no effect; there are scheduleDelayMillis, exportTimeoutMillis, maxQueueSize, maxExportBatchSize',
  ],
])('initTracing(%j) warns once: %s', async (options, message) => {
  const warnings = collectWarnings();
  started({ exporter: 'none', ...(options as InitTracingOptions) });
  expect(warnings).toEqual([`initTracing: ${message}`]);
});

test('options that are known, each of them, are warned of by nobody', () => {
  const warnings = collectWarnings();
  started({
    exporter: 'none',
    otlp: { endpoint: 'http://localhost:4318', headers: {} },
    batch: { maxQueueSize: 3000 },
    spanLimits: { linkCountLimit: 1 },
    metrics: { exporter: 'none' },
    outgoingHttp: { requireParent: true, excludedUrls: [], requestHook: () => undefined, redactQuery: false },
  });
  expect(warnings).toEqual([]);
});

test('an option that is undefined counts as not given', async () => {
  const options = { serviceName: undefined, exporter: 'none', batch: undefined, other: undefined } as unknown;
  const warnings = collectWarnings();
  const handle = initTracing(options as InitTracingOptions);
  expect(warnings).toEqual([]);
  expect(await handle.shutdown()).toBeUndefined();
});
