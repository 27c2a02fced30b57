import { EventEmitter, once } from 'node:events';

import { context, type SpanContext, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import winston, { type Logform } from 'winston';

import { setContextFields } from '../src/log-context-fields.ts';
import type { LogFormatName } from '../src/log-formats.ts';
import type { TraceFieldsOptions } from '../src/log-trace-fields.ts';
import { traceWinston, type WinstonLogger, winstonTraceFormat } from '../src/log-winston.ts';
import { withSpan } from '../src/with-span.ts';
import { collectingStream, parseLines, type LogLine } from './support/logged.ts';
import { recordSpans } from './support/recorded-spans.ts';
import { collectWarnings } from './support/started.ts';

const { combine, errors, json } = winston.format;

interface Traced {
  logger: winston.Logger;
  lines: () => LogLine[];
  setEnabled: (enabled: boolean) => void;
}

/** A logger with the format among its own. */
function byFormat(options: TraceFieldsOptions = {}, more: winston.LoggerOptions = {}): Traced {
  const { stream, written } = collectingStream();
  const format = winstonTraceFormat(options);
  const logger = winston.createLogger({
    // The real type of winston's formats.
    format: combine(format satisfies Logform.Format, errors({ stack: true }), json()),
    transports: [new winston.transports.Stream({ stream })],
    ...more,
  });
  const setEnabled = (enabled: boolean): void => void (format.enabled = enabled);
  return { logger, lines: () => parseLines(written()), setEnabled };
}

/** A logger that was given to `traceWinston`. */
function byLogger(options: TraceFieldsOptions = {}, more: winston.LoggerOptions = {}): Traced {
  const { stream, written } = collectingStream();
  const logger = winston.createLogger({
    format: combine(errors({ stack: true }), json()),
    transports: [new winston.transports.Stream({ stream })],
    ...more,
  });
  // The real type of winston's loggers.
  let undo = traceWinston(logger satisfies WinstonLogger, options);
  const setEnabled = (enabled: boolean): void => {
    if (enabled) undo = traceWinston(logger);
    else undo();
  };
  return { logger, lines: () => parseLines(written()), setEnabled };
}

function inSpan(work: () => void): SpanContext {
  return withSpan('work', (span) => {
    work();
    return span.spanContext();
  });
}

const BINDINGS = [
  ['winstonTraceFormat', byFormat],
  ['traceWinston', byLogger],
] as const;

test.each(BINDINGS)(
  '%s: lines, those of child loggers too, have the ids of the active span (L1)',
  (_name, make) => {
    recordSpans();
    const { logger, lines } = make({}, { defaultMeta: { app: 'shop' } });
    const early = logger.child({ order: 'a-1' });
    const { traceId, spanId } = inSpan(() => {
      logger.info('here', { pieces: 2 });
      early.child({ deep: true }).warn('child');
      logger.log({ level: 'error', message: 'as an object' });
    });
    const ids = { app: 'shop', trace_id: traceId, span_id: spanId, trace_flags: '01' };
    expect(lines()).toEqual([
      { level: 'info', message: 'here', pieces: 2, ...ids },
      { level: 'warn', message: 'child', order: 'a-1', deep: true, ...ids },
      { level: 'error', message: 'as an object', ...ids },
    ]);
  },
);

test.each(BINDINGS)('%s: without a span, and with an invalid one, lines have no ids (L2)', (_name, make) => {
  recordSpans();
  const { logger, lines } = make();
  logger.info('none');
  const invalid = trace.wrapSpanContext({ traceId: 'no id', spanId: '"}', traceFlags: 1 });
  context.with(trace.setSpan(context.active(), invalid), () => logger.info('invalid'));
  expect(lines()).toEqual([
    { level: 'info', message: 'none' },
    { level: 'info', message: 'invalid' },
  ]);
});

test.each(BINDINGS)('%s: other keys take the place of the standard ones (L3)', (_name, make) => {
  recordSpans();
  const { logger, lines } = make({ traceKeys: { traceId: 'traceId', spanId: 'span', traceFlags: 'flags' } });
  const { traceId, spanId } = inSpan(() => logger.info('here'));
  expect(lines()).toEqual([{ level: 'info', message: 'here', traceId, span: spanId, flags: '01' }]);
});

test.each(BINDINGS)('%s: fields of the line and of the logger win (L4)', (_name, make) => {
  recordSpans();
  const { logger, lines } = make({}, { defaultMeta: { trace_flags: 'meta' } });
  inSpan(() => logger.child({ trace_id: 'child' }).info('here', { span_id: 'line' }));
  expect(lines()).toEqual([
    { level: 'info', message: 'here', trace_id: 'child', span_id: 'line', trace_flags: 'meta' },
  ]);
});

test.each(BINDINGS)(
  '%s: an object that is logged twice has the ids of each span, and none of its own',
  (_name, make) => {
    recordSpans();
    const { logger, lines } = make();
    const entry = { level: 'info', message: 'again' };
    const spans = [inSpan(() => logger.log(entry)), inSpan(() => logger.log(entry))];
    expect(lines().map((line) => line['span_id'])).toEqual(spans.map(({ spanId }) => spanId));
    expect(entry).not.toHaveProperty('span_id');
  },
);

test.each(BINDINGS)('%s: an error stays one for the formats that follow', (_name, make) => {
  recordSpans();
  const { logger, lines } = make();
  const error = new TypeError('boom');
  const { spanId } = inSpan(() => logger.error(error as unknown as string));
  expect(lines()).toMatchObject([{ level: 'error', message: 'boom', stack: error.stack, span_id: spanId }]);
});

test.each(BINDINGS)('%s: a hook adds fields, and one that throws is harmless (L5)', (_name, make) => {
  recordSpans();
  const warnings = collectWarnings();
  let calls = 0;
  const { logger, lines } = make({
    fields() {
      calls += 1;
      if (calls > 1) throw new Error('no job');
      return { job: 7 };
    },
  });
  const undo = setContextFields(() => ({ request_id: 'r-1', job: 'context' }));
  const { traceId } = inSpan(() => {
    logger.info('first');
    logger.info('second');
  });
  undo();
  expect(lines()).toMatchObject([
    { job: 7, request_id: 'r-1', trace_id: traceId, message: 'first' },
    { job: 'context', request_id: 'r-1', trace_id: traceId, message: 'second' },
  ]);
  expect(warnings).toEqual([expect.stringContaining('Error: no job')]);
});

test.each(BINDINGS)('%s: it can be switched off and on again (L6, L8)', (_name, make) => {
  recordSpans();
  const { logger, lines, setEnabled } = make();
  inSpan(() => {
    for (const enabled of [true, false, true]) {
      setEnabled(enabled);
      logger.info(String(enabled));
    }
  });
  expect(lines().map((line) => [line['message'], 'span_id' in line])).toEqual([
    ['true', true],
    ['false', false],
    ['true', true],
  ]);
});

test.each(BINDINGS)(
  '%s: options of the logger stay: levels, level, transports and their formats (L7)',
  (_name, make) => {
    recordSpans();
    const second = collectingStream();
    const { logger, lines } = make({}, { levels: winston.config.syslog.levels, level: 'notice' });
    logger.add(
      new winston.transports.Stream({
        stream: second.stream,
        level: 'alert',
        format: winston.format.printf(({ level, message }) => `${level} ${String(message)}`),
      }),
    );
    inSpan(() => {
      logger.info('not written');
      logger.notice('one');
      logger.alert('both');
    });
    expect(lines().map(({ level, message }) => [level, message])).toEqual([
      ['notice', 'one'],
      ['alert', 'both'],
    ]);
    expect(second.written()).toBe('alert both\n');
  },
);

test.each(
  BINDINGS.flatMap(([name, make]) =>
    (['xray', 'datadog', 'gcp', 'ecs'] as const).map((format): [LogFormatName, string, typeof make] => [
      format,
      name,
      make,
    ]),
  ),
)('lines have the ids of the format %s, and none without a span: %s (L1, L2)', (logFormat, _name, make) => {
  recordSpans();
  const { logger, lines } = make({ logFormat, serviceName: 'shop', gcpProjectId: 'my-shop' });
  const { traceId, spanId } = inSpan(() => logger.warn('here'));
  logger.warn('none');
  const xrayId = `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`;
  const standard = { trace_id: traceId, span_id: spanId, trace_flags: '01' };
  const fields = {
    xray: { ...standard, xray_trace_id: xrayId, 'AWS-XRAY-TRACE-ID': `${xrayId}@${spanId}` },
    datadog: {
      ...standard,
      'dd.trace_id': traceId,
      'dd.span_id': BigInt(`0x${spanId}`).toString(),
      'dd.service': 'shop',
    },
    gcp: {
      severity: 'WARNING',
      'logging.googleapis.com/trace': `projects/my-shop/traces/${traceId}`,
      'logging.googleapis.com/spanId': spanId,
      'logging.googleapis.com/trace_sampled': true,
    },
    ecs: { 'trace.id': traceId, 'span.id': spanId },
  }[logFormat as 'ecs'];
  expect(lines()).toEqual([
    { level: 'warn', message: 'here', ...fields },
    { level: 'warn', message: 'none', ...(logFormat === 'gcp' && { severity: 'WARNING' }) },
  ]);
});

/** A transport that is done with a line only when it is asked for the next. */
class SlowTransport extends winston.transports.Stream {
  readonly #lines: LogLine[] = [];
  readonly #count: number;
  readonly #done: () => void;

  constructor(count: number, done: () => void) {
    super({ stream: collectingStream().stream });
    this.#count = count;
    this.#done = done;
  }

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  override log(info: LogLine, next: () => void): void {
    if (this.#lines.push(info) === this.#count) this.#done();
    setImmediate(next);
  }
}

test('traceWinston: a transport that is slow gets each line with the ids of its own span, or none (L1, L2)', async () => {
  recordSpans();
  const written = new EventEmitter();
  const transport = new SlowTransport(200, () => written.emit('all'));
  const all = once(written, 'all');
  const logger = winston.createLogger({ format: winstonTraceFormat(), transports: [transport] });
  traceWinston(logger);
  const expected: (string | undefined)[] = [];
  for (let index = 0; index < 100; index += 1) {
    expected.push(inSpan(() => logger.info('in a span')).spanId, undefined);
    logger.info('in none');
  }
  await all;
  expect(transport.lines.map((line) => line['span_id'])).toEqual(expected);
});

test('traceWinston: undone, the logger has its own method; called twice, lines have fields once', () => {
  const { logger } = byLogger();
  const own = winston.createLogger({ silent: true });
  const { write } = own;
  const first = traceWinston(own);
  const second = traceWinston(own, { traceKeys: { traceId: 'other' } });
  first();
  expect(own.write).not.toBe(write);
  second();
  expect([own.write === write, Object.hasOwn(own, 'write')]).toEqual([true, false]);
  expect(logger.write).not.toBe(write);
});

test('traceWinston: what was put on top of it goes on working when it is undone (L6)', () => {
  recordSpans();
  const { stream, written } = collectingStream();
  const logger = winston.createLogger({ transports: [new winston.transports.Stream({ stream })] });
  const undo = traceWinston(logger);
  const { write } = logger;
  logger.write = (info: object) => Reflect.apply(write, logger, [{ ...info, top: true }]) as boolean;
  inSpan(() => {
    logger.info('on');
    undo();
    logger.info('off');
  });
  expect(parseLines(written()).map((line) => [line['message'], line['top'], 'span_id' in line])).toEqual([
    ['on', true, true],
    ['off', true, false],
  ]);
});

test.each([
  [
    () => winstonTraceFormat({ logFormat: 'logfmt' as LogFormatName }),
    /winstonTraceFormat: logFormat must be one of/,
  ],
  [() => traceWinston({} as winston.Logger), /logger must be a logger of winston; got \{\}/],
  [
    () => traceWinston(winston.createLogger(), { enabled: 1 as unknown as boolean }),
    /traceWinston: enabled must be/,
  ],
])('winston: a wrong option throws a TypeError that names it: %o', (make, message) => {
  expect(make).toThrow(message);
  expect(make).toThrow(TypeError);
});
