import { context, ROOT_CONTEXT, type SpanContext, trace } from '@opentelemetry/api';
import { type LoggerOptions, pino } from 'pino';
import { expect, test } from 'vitest';

import type { LogFormatName } from '../src/log-formats.ts';
import { setContextFields } from '../src/log-context-fields.ts';
import { pinoTraceMixin, type PinoTraceMixinOptions } from '../src/log-pino.ts';
import { withSpan } from '../src/with-span.ts';
import { collectingStream, parseLines, type LogLine } from './support/logged.ts';
import { recordSpans } from './support/recorded-spans.ts';
import { collectWarnings, setEnvironment } from './support/started.ts';

const OPTIONS: LoggerOptions = { base: null, timestamp: false };

function pinoWith(
  options: PinoTraceMixinOptions = {},
  more: LoggerOptions = {},
): {
  log: pino.Logger;
  lines: () => LogLine[];
  mixin: ReturnType<typeof pinoTraceMixin>;
  text: () => string;
} {
  const { stream, written } = collectingStream();
  const mixin = pinoTraceMixin(options);
  // The real type of pino's option.
  const log = pino({ ...OPTIONS, ...more, mixin: mixin satisfies LoggerOptions['mixin'] }, stream);
  return { log, mixin, lines: () => parseLines(written()), text: written };
}

/** Runs `work` in a span and gives its ids. */
function inSpan(work: () => void): SpanContext {
  return withSpan('work', (span) => {
    work();
    return span.spanContext();
  });
}

test('pino: lines, those of child loggers too, have the ids of the active span (L1)', () => {
  recordSpans();
  const { log, lines } = pinoWith();
  const { traceId, spanId } = inSpan(() => {
    log.info({ pieces: 2 }, 'order %s', 'a-1');
    log.child({ order: 'a-1' }).child({ deep: true }).warn('here');
    log.error(new Error('boom'));
  });
  const ids = { trace_id: traceId, span_id: spanId, trace_flags: '01' };
  expect(lines()).toEqual([
    { level: 30, ...ids, pieces: 2, msg: 'order a-1' },
    { level: 40, order: 'a-1', deep: true, ...ids, msg: 'here' },
    { level: 50, ...ids, err: expect.objectContaining({ message: 'boom' }), msg: 'boom' },
  ]);
});

test('pino: without a span, and with an invalid one, lines have no ids (L2)', () => {
  recordSpans();
  const { log, lines } = pinoWith();
  log.info('none');
  const invalid = trace.wrapSpanContext({ traceId: 'no id', spanId: '"}', traceFlags: 1 });
  context.with(trace.setSpan(context.active(), invalid), () => log.info('invalid'));
  expect(lines()).toEqual([
    { level: 30, msg: 'none' },
    { level: 30, msg: 'invalid' },
  ]);
});

test('pino: other keys take the place of the standard ones (L3)', () => {
  recordSpans();
  const { log, lines } = pinoWith({ traceKeys: { traceId: 'traceId', spanId: 'span', traceFlags: 'flags' } });
  const { traceId, spanId } = inSpan(() => log.info('here'));
  expect(lines()).toEqual([{ level: 30, traceId, span: spanId, flags: '01', msg: 'here' }]);
});

test('pino: fields of the line, of the logger and of the own mixin win, and each stands once (L4)', () => {
  recordSpans();
  const { log, lines, text } = pinoWith({ mixin: () => ({ trace_flags: 'mixin', tenant: 'acme' }) });
  const child = log.child({ trace_id: 'child', nested: { trace_flags: 'no key of the line' } });
  inSpan(() => child.info({ span_id: 'line' }, 'here'));
  expect(lines()).toEqual([
    {
      level: 30,
      trace_id: 'child',
      nested: { trace_flags: 'no key of the line' },
      trace_flags: 'mixin',
      span_id: 'line',
      tenant: 'acme',
      msg: 'here',
    },
  ]);
  expect(text().match(/"trace_id":/g)).toHaveLength(1);
});

test('pino: a key inside a child’s field is none of the line (L4)', () => {
  recordSpans();
  const { log, lines } = pinoWith();
  const { traceId } = inSpan(() => log.child({ upstream: { trace_id: 'theirs' } }).info('here'));
  expect(lines()).toMatchObject([{ upstream: { trace_id: 'theirs' }, trace_id: traceId }]);
});

test('pino: a hook adds fields, and one that throws is harmless (L5)', () => {
  recordSpans();
  const warnings = collectWarnings();
  let calls = 0;
  const { log, lines } = pinoWith({
    fields() {
      calls += 1;
      if (calls > 1) throw new Error('no job');
      return { job: 7, trace_id: 'mine' };
    },
  });
  const { traceId } = inSpan(() => {
    log.info('first');
    log.info({ job: 8 }, 'second');
  });
  expect(lines()).toMatchObject([
    { job: 7, trace_id: traceId, msg: 'first' },
    { job: 8, trace_id: traceId, msg: 'second' },
  ]);
  expect(warnings).toEqual([expect.stringContaining('Error: no job')]);
});

test('pino: fields of the context are on lines too, and those of the application win', () => {
  const undo = setContextFields(() => ({ request_id: 'r-1', sku: 'context' }));
  const { log, lines } = pinoWith();
  log.info({ sku: 'line' }, 'here');
  undo();
  log.info('after');
  expect(lines()).toEqual([
    { level: 30, request_id: 'r-1', sku: 'line', msg: 'here' },
    { level: 30, msg: 'after' },
  ]);
});

test('pino: a line outside of any span has the ids of the context that it is said to belong to', () => {
  recordSpans();
  const warnings = collectWarnings();
  const span = trace.getTracer('test').startSpan('request');
  const { log, lines } = pinoWith({
    contextOf(line) {
      if (!('req' in line)) throw new Error('no request');
      return trace.setSpan(ROOT_CONTEXT, span);
    },
  });
  log.info({ req: 1 }, 'of a request');
  const { spanId } = inSpan(() => log.info({ req: 1 }, 'in a span'));
  log.info('of none');
  expect(lines().map((line) => line['span_id'])).toEqual([span.spanContext().spanId, spanId, undefined]);
  expect(warnings).toEqual([expect.stringContaining('Error: no request')]);
});

test('pino: it can be switched off at the start and at any time, and on again (L6, L8)', () => {
  recordSpans();
  const { log, lines, mixin } = pinoWith({ enabled: false, mixin: () => ({ tenant: 'acme' }) });
  inSpan(() => {
    for (const enabled of [false, true, false, true]) {
      mixin.enabled = enabled;
      log.info(String(enabled));
    }
  });
  expect(lines().map((line) => [line['msg'], 'span_id' in line, line['tenant']])).toEqual([
    ['false', false, 'acme'],
    ['true', true, 'acme'],
    ['false', false, 'acme'],
    ['true', true, 'acme'],
  ]);
});

test('pino: options of the logger stay: level, base, formatters, serializers, redact, nested keys (L7)', () => {
  recordSpans();
  const { log, lines } = pinoWith(
    {},
    {
      level: 'debug',
      base: { app: 'shop' },
      messageKey: 'message',
      formatters: { level: (label) => ({ severity: label }) },
      serializers: { user: () => 'ada' },
      redact: ['password'],
      nestedKey: 'payload',
    },
  );
  log.trace('not written');
  const { traceId, spanId } = inSpan(() => log.debug({ user: {}, password: 'secret' }, 'here'));
  expect(lines()).toEqual([
    {
      severity: 'debug',
      app: 'shop',
      payload: { trace_id: traceId, span_id: spanId, trace_flags: '01', user: 'ada', password: '[Redacted]' },
      message: 'here',
    },
  ]);
});

test.each<[LogFormatName, (span: SpanContext) => object]>([
  [
    'xray',
    ({ traceId, spanId }) => {
      const id = `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`;
      return { trace_id: traceId, xray_trace_id: id, 'AWS-XRAY-TRACE-ID': `${id}@${spanId}` };
    },
  ],
  [
    'datadog',
    ({ traceId, spanId }) => ({
      trace_id: traceId,
      'dd.trace_id': traceId,
      'dd.span_id': BigInt(`0x${spanId}`).toString(),
      'dd.service': 'shop',
    }),
  ],
  [
    'gcp',
    ({ traceId, spanId }) => ({
      severity: 'CRITICAL',
      'logging.googleapis.com/trace': `projects/my-shop/traces/${traceId}`,
      'logging.googleapis.com/spanId': spanId,
      'logging.googleapis.com/trace_sampled': true,
    }),
  ],
  ['ecs', ({ traceId, spanId }) => ({ 'trace.id': traceId, 'span.id': spanId })],
  ['pretty', ({ traceId, spanId }) => ({ trace_id: traceId, span_id: spanId })],
])('pino: lines have the ids of the format %s, and none without a span (L1, L2)', (logFormat, expected) => {
  recordSpans();
  const { log, lines } = pinoWith({ logFormat, serviceName: 'shop', gcpProjectId: 'my-shop' });
  const span = inSpan(() => log.fatal('here'));
  log.fatal('none');
  expect(lines()[0]).toMatchObject(expected(span));
  expect(lines()[1]).toEqual({
    level: 60,
    ...(logFormat === 'gcp' && { severity: 'CRITICAL' }),
    msg: 'none',
  });
});

test('pino: LOG_FORMAT chooses the format; one that is none is named in a warning', () => {
  recordSpans();
  setEnvironment({ LOG_FORMAT: 'ecs' });
  const { log, lines } = pinoWith();
  inSpan(() => log.info('here'));
  expect(Object.keys(lines()[0] ?? {})).toEqual(['level', 'trace.id', 'span.id', 'msg']);
  const warnings = collectWarnings();
  setEnvironment({ LOG_FORMAT: 'none' });
  pinoTraceMixin();
  expect(warnings).toEqual([expect.stringMatching(/^LOG_FORMAT="none" is not one of json/)]);
});

test.each([
  [{ logFormat: 'logfmt' }, /pinoTraceMixin: logFormat must be one of json, .*; got 'logfmt'/],
  [{ traceKeys: { traceId: '' } }, /traceKeys\.traceId must be a text that is not empty/],
  [{ gcpProjectId: 'a b' }, /gcpProjectId must be the id of a project; got 'a b'/],
  [{ fields: {} }, /fields must be a function/],
  [{ enabled: 'no' }, /enabled must be true or false; got 'no'/],
  [{ serviceName: '' }, /serviceName must be a text that is not empty/],
])('pino: a wrong option throws a TypeError that names it: %o', (options, message) => {
  expect(() => pinoTraceMixin(options as PinoTraceMixinOptions)).toThrow(message);
  expect(() => pinoTraceMixin(options as PinoTraceMixinOptions)).toThrow(TypeError);
});
