import { context, propagation } from '@opentelemetry/api';
import { expect, test } from 'vitest';

import { otlpSink } from './support/otlp-sink.ts';
import { collectWarnings, oneSpan, started } from './support/started.ts';

// Two of each where one warning could hide behind another.
test.each([
  ['OTEL_SDK_DISABLED', '1', 'is not "true" or "false"; false is used'],
  ['OTEL_SDK_DISABLED', 'yes', 'is not "true" or "false"; false is used'],
  [
    'OTEL_TRACES_SAMPLER',
    'sometimes',
    'is not one of always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, ' +
      'parentbased_traceidratio; parentbased_always_on is used',
  ],
  [
    'OTEL_PROPAGATORS',
    'jaeger',
    'is not a list of tracecontext, baggage, b3, b3multi, xray, none; tracecontext,baggage is used',
  ],
  ['OTEL_TRACES_EXPORTER', 'zipkin', 'is not a list of otlp, console, none; console is used'],
  ['OTEL_BSP_SCHEDULE_DELAY', '-1', 'is not a whole number from 0 to 2147483647; 5000 is used'],
  ['OTEL_BSP_SCHEDULE_DELAY', '2147483648', 'is not a whole number from 0 to 2147483647; 5000 is used'],
  ['OTEL_BSP_EXPORT_TIMEOUT', 'soon', 'is not a whole number from 0 to 2147483647; 30000 is used'],
  ['OTEL_BSP_MAX_QUEUE_SIZE', '0', 'is not a whole number from 1 to 2147483647; 2048 is used'],
  ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '4096', 'is not a whole number from 1 to 2048; 512 is used'],
  ['OTEL_LOG_LEVEL', 'loud', 'is not one of none, error, warn, info, debug, verbose, all; warn is used'],
  [
    'OTEL_EXPORTER_OTLP_PROTOCOL',
    'http/xml',
    'is not one of http/protobuf, http/json, grpc; http/protobuf is used',
  ],
  [
    'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL',
    'http/xml',
    'is not one of http/protobuf, http/json, grpc; http/protobuf is used',
  ],
  ['OTEL_EXPORTER_OTLP_TIMEOUT', '0', 'is not a whole number from 1 to 2147483647; 10000 is used'],
  ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', 'abc', 'is not a whole number from 1 to 2147483647; 10000 is used'],
  ['OTEL_EXPORTER_OTLP_COMPRESSION', 'zstd', 'is not one of none, gzip; none is used'],
  [
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'localhost:4318',
    'is not an http:// or https:// URL; http://localhost:4318 is used',
  ],
  [
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    'nowhere',
    'is not an http:// or https:// URL; http://localhost:4318/v1/traces is used',
  ],
  [
    'OTEL_EXPORTER_OTLP_CERTIFICATE',
    '/no/such/file',
    "is not a file that can be read (Error: ENOENT: no such file or directory, open '/no/such/file'); none is used",
  ],
])('%s=%s is named in one warning that says what is used instead', async (name, value, message) => {
  const warnings = collectWarnings();
  started({}, { [name]: value });
  expect(warnings).toEqual([`${name}="${value}" ${message}`]);
});

test('where everything is invalid at once nothing throws, and a span goes its way by the defaults', async () => {
  const warnings = collectWarnings();
  const sink = await otlpSink();
  const invalid = {
    OTEL_SDK_DISABLED: 'yes',
    OTEL_RESOURCE_ATTRIBUTES: 'a',
    OTEL_TRACES_SAMPLER: 'sometimes',
    OTEL_PROPAGATORS: 'jaeger',
    OTEL_TRACES_EXPORTER: 'zipkin',
    OTEL_BSP_SCHEDULE_DELAY: 'soon',
    OTEL_BSP_EXPORT_TIMEOUT: 'soon',
    OTEL_BSP_MAX_QUEUE_SIZE: '-1',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '0',
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: 'few',
    OTEL_SPAN_EVENT_COUNT_LIMIT: 'few',
    OTEL_SPAN_LINK_COUNT_LIMIT: 'few',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/xml',
    OTEL_EXPORTER_OTLP_TIMEOUT: 'soon',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd',
    OTEL_EXPORTER_OTLP_CERTIFICATE: '/no/such/file',
    OTEL_LOG_LEVEL: 'loud',
  };
  const handle = started({}, { ...invalid, OTEL_EXPORTER_OTLP_ENDPOINT: sink.url });
  handle.tracer.startActiveSpan('span', (span) => {
    const carrier = {};
    propagation.inject(context.active(), carrier);
    expect(carrier).toHaveProperty('traceparent');
    span.end();
  });
  await handle.forceFlush();
  expect(sink.received.map(({ url, headers }) => [url, headers['content-type']])).toEqual([
    ['/v1/traces', 'application/x-protobuf'],
  ]);
  expect(sink.received[0]?.headers['content-encoding']).toBeUndefined();
  const named = new Set(warnings.map((warning) => warning.split('=', 1)[0]));
  expect(named).toEqual(new Set(Object.keys(invalid)));
  expect(warnings).toHaveLength(named.size);
});

test('OTEL_TRACES_SAMPLER_ARG outside of 0 to 1 is named in one warning, and 1 is used', () => {
  const warnings = collectWarnings();
  started({}, { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '1.5' });
  expect(warnings).toEqual(['OTEL_TRACES_SAMPLER_ARG="1.5" is not a number from 0 to 1; 1 is used']);
});

test('where a part of a list is unknown, the warning names that part and the rest is used', () => {
  const warnings = collectWarnings();
  started({}, { OTEL_PROPAGATORS: 'b3,ottrace,xray,jaeger' });
  expect(warnings).toEqual([
    'OTEL_PROPAGATORS="ottrace,jaeger" is not a list of tracecontext, baggage, b3, b3multi, xray, none; ' +
      'b3,xray is used',
  ]);
});

test('a header that cannot be sent is named in one warning, without its text, which is a secret', () => {
  const warnings = collectWarnings();
  started({}, { OTEL_EXPORTER_OTLP_HEADERS: 'good=1,s3cret,bad name=s3cret,x=%0as3cret' });
  expect(warnings).toEqual([
    'OTEL_EXPORTER_OTLP_HEADERS: entry 2, 3, 4 is not a header as name=value, percent-encoded; it is left out',
  ]);
});

test('a client certificate without its key is warned about', () => {
  const warnings = collectWarnings();
  started({}, { OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: import.meta.filename });
  expect(warnings).toEqual([expect.stringContaining('one of them is missing, so neither is used')]);
});

test('a variable that is empty counts as unset', async () => {
  const warnings = collectWarnings();
  const names = [
    'OTEL_SDK_DISABLED',
    'OTEL_TRACES_SAMPLER',
    'OTEL_TRACES_SAMPLER_ARG',
    'OTEL_PROPAGATORS',
    'OTEL_TRACES_EXPORTER',
    'OTEL_BSP_SCHEDULE_DELAY',
    'OTEL_LOG_LEVEL',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'OTEL_EXPORTER_OTLP_PROTOCOL',
    'OTEL_EXPORTER_OTLP_HEADERS',
    'OTEL_EXPORTER_OTLP_CERTIFICATE',
    'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT',
  ];
  started({ exporter: 'none' }, Object.fromEntries(names.map((name) => [name, ''])));
  oneSpan();
  expect(warnings).toEqual([]);
});
