import { trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';

import { type LogFormatName, LOG_FORMATS } from '../src/log-formats.ts';
import { createLogFormatter, type LogFormatterOptions } from '../src/log-line.ts';
import { withSpan } from '../src/with-span.ts';
import { logged } from './support/logged.ts';
import { recordSpans } from './support/recorded-spans.ts';
import { setEnvironment, started } from './support/started.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN_ID = '00f067aa0ba902b7';
const NO_IDS = { trace_id: '0'.repeat(32), span_id: '0'.repeat(16), trace_flags: '00' };
const IDS = { trace_id: TRACE_ID, span_id: SPAN_ID, trace_flags: '01' };
const JSON_FORMATS = LOG_FORMATS.filter((name) => name !== 'pretty');

const ENTRY = {
  level: 'WARN',
  service: 'shop',
  logger: 'orders',
  message: 'stock is low',
  time: Date.UTC(2026, 10, 22, 10, 0, 0, 5),
  fields: [{ sku: 'a-1' }],
};
const SPAN = { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 };

function lineOf(options: LogFormatterOptions, entry: object = {}): Record<string, unknown> {
  return JSON.parse(createLogFormatter(options)({ ...ENTRY, ...entry })) as Record<string, unknown>;
}

const JSON_LINE = {
  timestamp: '2026-11-22T10:00:00.005Z',
  level: 'WARN',
  service: 'shop',
  logger: 'orders',
  message: 'stock is low',
  sku: 'a-1',
};
const GCP_LINE = {
  time: '2026-11-22T10:00:00.005Z',
  severity: 'WARNING',
  service: 'shop',
  logger: 'orders',
  message: 'stock is low',
  sku: 'a-1',
};
const ECS_LINE = {
  '@timestamp': '2026-11-22T10:00:00.005Z',
  'log.level': 'warn',
  'log.logger': 'orders',
  message: 'stock is low',
  'ecs.version': '8.11.0',
  'service.name': 'shop',
  sku: 'a-1',
};
const XRAY_ID = '1-4bf92f35-77b34da6a3ce929d0e0e4736';

test.each<[LogFormatName, object]>([
  ['json', { ...JSON_LINE, ...IDS }],
  ['xray', { ...JSON_LINE, ...IDS, xray_trace_id: XRAY_ID, 'AWS-XRAY-TRACE-ID': `${XRAY_ID}@${SPAN_ID}` }],
  [
    'datadog',
    {
      ...JSON_LINE,
      ...IDS,
      'dd.service': 'shop',
      'dd.trace_id': TRACE_ID,
      'dd.span_id': '67667974448284343',
    },
  ],
  [
    'gcp',
    {
      ...GCP_LINE,
      'logging.googleapis.com/trace': TRACE_ID,
      'logging.googleapis.com/spanId': SPAN_ID,
      'logging.googleapis.com/trace_sampled': true,
    },
  ],
  ['ecs', { ...ECS_LINE, 'trace.id': TRACE_ID, 'span.id': SPAN_ID }],
])('a line of the format %s, in a span (L1)', (logFormat, line) => {
  expect(lineOf({ logFormat }, { spanContext: SPAN })).toEqual(line);
});

test.each<[LogFormatName, object]>([
  ['json', { ...JSON_LINE, ...NO_IDS }],
  ['xray', { ...JSON_LINE, ...NO_IDS }],
  ['datadog', { ...JSON_LINE, ...NO_IDS, 'dd.service': 'shop' }],
  ['gcp', GCP_LINE],
  ['ecs', ECS_LINE],
])('a line of the format %s, without a span and with an invalid one (L2, X8)', (logFormat, line) => {
  expect(lineOf({ logFormat })).toEqual(line);
  expect(lineOf({ logFormat }, { spanContext: { ...SPAN, traceId: '"}' } })).toEqual(line);
});

test.each<[LogFormatName, string[]]>([
  ['ecs', ['@timestamp', 'log.level', 'message', 'ecs.version']],
  ['json', ['timestamp', 'level', 'service', 'logger']],
])('the format %s has its order', (logFormat, keys) => {
  expect(Object.keys(lineOf({ logFormat })).slice(0, 4)).toEqual(keys);
});

test.each([
  [{ logFormat: 'xray' }, { trace: TRACE_ID, xray_trace_id: XRAY_ID }, ['trace_id']],
  [{ logFormat: 'gcp' }, { trace: TRACE_ID }, ['logging.googleapis.com/trace']],
  [{ logFormat: 'ecs' }, { trace: TRACE_ID }, ['trace.id']],
] as const)('another key takes the place of the format’s: %o (L3)', (options, there, gone) => {
  const line = lineOf({ ...options, traceKeys: { traceId: 'trace' } }, { spanContext: SPAN });
  expect(line).toMatchObject(there);
  for (const key of gone) expect(line).not.toHaveProperty([key]);
});

test.each(JSON_FORMATS)(
  'the keys of the format %s are its own: no field takes their place (L4, X8)',
  (logFormat) => {
    const error = new Error('boom');
    const whole = lineOf({ logFormat }, { spanContext: SPAN, error });
    const fields = [Object.fromEntries(Object.keys(whole).map((key) => [key, 'theirs'])), { sku: 'a-1' }];
    expect(lineOf({ logFormat }, { spanContext: SPAN, error, fields })).toEqual(whole);
  },
);

test('trace ids that fit in 64 bits are decimal numbers for Datadog, as its tracers write them', () => {
  const spanContext = { ...SPAN, traceId: `${'0'.repeat(16)}ffffffffffffffff` };
  expect(lineOf({ logFormat: 'datadog' }, { spanContext })).toMatchObject({
    'dd.trace_id': '18446744073709551615',
  });
});

test('an unsampled span says so to Google', () => {
  const line = lineOf({ logFormat: 'gcp' }, { spanContext: { ...SPAN, traceFlags: 2 } });
  expect(line).toMatchObject({ 'logging.googleapis.com/trace_sampled': false });
});

test.each([
  ['TRACE', 'DEBUG', 'trace'],
  ['DEBUG', 'DEBUG', 'debug'],
  ['INFO', 'INFO', 'info'],
  ['WARN', 'WARNING', 'warn'],
  ['ERROR', 'ERROR', 'error'],
])('the level %s is %s for Google and %s for Elastic', (level, severity, name) => {
  expect(lineOf({ logFormat: 'gcp' }, { level })['severity']).toBe(severity);
  expect(lineOf({ logFormat: 'ecs' }, { level })['log.level']).toBe(name);
});

test('an exception stands under the names of each format', () => {
  const cause = new RangeError('too far');
  const error = Object.assign(new TypeError('boom', { cause }), { code: 'E_BOOM' });
  const causeObject = { type: 'RangeError', message: 'too far', stack: cause.stack };
  const whole = { type: 'TypeError', message: 'boom', code: 'E_BOOM', cause: causeObject };
  expect(lineOf({ logFormat: 'datadog' }, { error })['exception']).toEqual({ ...whole, stack: error.stack });
  const gcp = lineOf({ logFormat: 'gcp' }, { error });
  expect([gcp['exception'], gcp['stack_trace']]).toEqual([whole, error.stack]);
  expect(lineOf({ logFormat: 'ecs' }, { error, fields: [] })).toMatchObject({
    'error.type': 'TypeError',
    'error.message': 'boom',
    'error.stack_trace': error.stack,
    'error.code': 'E_BOOM',
    'error.cause': causeObject,
  });
});

test.each<[string, Record<string, string>, string | undefined, string]>([
  ['given in code', { GOOGLE_CLOUD_PROJECT: 'other' }, 'my-shop', 'projects/my-shop/traces/'],
  [
    'in GOOGLE_CLOUD_PROJECT',
    { GOOGLE_CLOUD_PROJECT: 'example.com:shop' },
    undefined,
    'projects/example.com:shop/traces/',
  ],
  ['nowhere', {}, undefined, ''],
  ['no id of a project', { GOOGLE_CLOUD_PROJECT: 'a"b' }, undefined, ''],
])('the trace has the name of the project that is %s', (_where, environment, gcpProjectId, prefix) => {
  setEnvironment(environment);
  recordSpans();
  const shop = logged({ logFormat: 'gcp', gcpProjectId });
  const traceId = withSpan('work', (span) => {
    shop.log.info('here');
    return span.spanContext().traceId;
  });
  expect(shop.lines()[0]).toMatchObject({ 'logging.googleapis.com/trace': prefix + traceId });
});

test.each(JSON_FORMATS)('lines of loglevel in the format %s follow the active span (L1)', (logFormat) => {
  recordSpans();
  const shop = logged({ logFormat });
  const ids = ['first', 'second'].map((name) =>
    withSpan(name, (span) => {
      shop.log.info(name);
      shop.log.getLogger('named').info(name);
      return span.spanContext().spanId;
    }),
  );
  shop.log.info('none');
  const found = shop.lines().map((line) => ids.filter((id) => JSON.stringify(line).includes(id)));
  expect(found).toEqual([[ids[0]], [ids[0]], [ids[1]], [ids[1]], []]);
});

test.each([
  ['ecs', undefined, '@timestamp'],
  ['ECS', undefined, '@timestamp'],
  ['ecs', 'json', 'timestamp'],
  ['', undefined, 'timestamp'],
] as const)('LOG_FORMAT=%s with %s in code writes %s', (LOG_FORMAT, logFormat, key) => {
  setEnvironment({ LOG_FORMAT });
  const shop = logged({ logFormat });
  shop.log.info('here');
  expect(Object.keys(shop.lines()[0] ?? {})[0]).toBe(key);
});

test('a LOG_FORMAT that is none is named in one warning, and json is used', () => {
  setEnvironment({ LOG_FORMAT: 'logfmt' });
  const shop = logged();
  expect(shop.lines()).toMatchObject([
    {
      level: 'WARN',
      message: expect.stringMatching(/^LOG_FORMAT="logfmt" is not one of json, .*; json is used$/),
    },
  ]);
});

test('version and environment of the service are those of its spans', () => {
  started({
    serviceVersion: '1.2.3',
    resourceAttributes: { 'deployment.environment.name': 'production' },
    exporter: 'none',
    outgoingHttp: false,
  });
  const [ecs, datadog, json] = (['ecs', 'datadog', 'json'] as const).map((logFormat) => {
    const shop = logged({ logFormat });
    shop.log.info('here');
    return shop.lines()[0];
  });
  expect(ecs).toMatchObject({
    'service.name': 'shop',
    'service.version': '1.2.3',
    'service.environment': 'production',
  });
  expect(datadog).toMatchObject({ 'dd.service': 'shop', 'dd.version': '1.2.3', 'dd.env': 'production' });
  expect(JSON.stringify(json)).not.toMatch(/1\.2\.3|production/);
});

test('a span of another make that throws costs the line nothing but its ids', () => {
  const shop = logged();
  const active = trace.getActiveSpan;
  trace.getActiveSpan = () => {
    throw new Error('not now');
  };
  try {
    shop.log.info('here');
  } finally {
    trace.getActiveSpan = active;
  }
  expect(shop.lines()).toMatchObject([{ message: 'here', ...NO_IDS }]);
});
