import { Console } from 'node:console';
import { runInNewContext } from 'node:vm';

import { context, type SpanContext, trace } from '@opentelemetry/api';
import { expect, onTestFinished, test } from 'vitest';

import type { LogFormatName } from '../src/log-formats.ts';
import { configureConsoleLogging, type ConsoleLoggingOptions } from '../src/log-console.ts';
import { setContextFields } from '../src/log-context-fields.ts';
import { withSpan } from '../src/with-span.ts';
import { collectingStream, type LogLine, parseLines } from './support/logged.ts';
import { recordSpans } from './support/recorded-spans.ts';
import { collectWarnings, setEnvironment } from './support/started.ts';

const NO_IDS = { trace_id: '0'.repeat(32), span_id: '0'.repeat(16), trace_flags: '00' };

/** A console of Node's own make, as the application may make one, and what it wrote. */
function consoleWith(options: ConsoleLoggingOptions = {}): {
  console: Console;
  out: () => LogLine[];
  errors: () => LogLine[];
  text: () => string;
  undo: () => void;
} {
  const [out, errors] = [collectingStream(), collectingStream()];
  const console = new Console({ stdout: out.stream, stderr: errors.stream });
  // The real type of a console.
  const undo = configureConsoleLogging(console, { serviceName: 'shop', ...options });
  return {
    console,
    undo,
    out: () => parseLines(out.written()),
    errors: () => parseLines(errors.written()),
    text: () => out.written() + errors.written(),
  };
}

function inSpan(work: () => void): SpanContext {
  return withSpan('work', (span) => {
    work();
    return span.spanContext();
  });
}

test('console: each method writes a line of its level, with the ids of the active span, where it wrote before (L1)', () => {
  recordSpans();
  const { console, out, errors } = consoleWith();
  const { traceId, spanId } = inSpan(() => {
    console.log('order %s', 'a-1', { pieces: 2 });
    console.info('info');
    console.debug('debug');
    console.warn('warn');
    console.error('error', new TypeError('boom'));
  });
  const rest = {
    timestamp: expect.any(String),
    service: 'shop',
    trace_id: traceId,
    span_id: spanId,
    trace_flags: '01',
  };
  expect(out()).toEqual([
    { level: 'INFO', message: 'order a-1', pieces: 2, ...rest },
    { level: 'INFO', message: 'info', ...rest },
    { level: 'DEBUG', message: 'debug', ...rest },
  ]);
  expect(errors()).toEqual([
    { level: 'WARN', message: 'warn', ...rest },
    { level: 'ERROR', message: 'error', exception: expect.objectContaining({ type: 'TypeError' }), ...rest },
  ]);
});

test('console: trace has the stack of its call as a field, and goes to stderr', () => {
  const { console, errors } = consoleWith();
  console.trace('here', { a: 1 });
  const [line] = errors();
  expect(line).toMatchObject({ level: 'TRACE', message: 'here', a: 1 });
  expect(String(line?.['stack']).split('\n')[0]).toMatch(/^ +at .*log-console\.test\.ts/);
});

test('console: without a span, and with an invalid one, the ids are zeros; of ecs and gcp they are left out (L2, X8)', () => {
  recordSpans();
  const invalid = trace.wrapSpanContext({ traceId: 'no id', spanId: '"}', traceFlags: 1 });
  const linesOf = (logFormat: LogFormatName): LogLine[] => {
    const { console, out } = consoleWith({ logFormat });
    console.log('none');
    context.with(trace.setSpan(context.active(), invalid), () => console.log('invalid'));
    return out();
  };
  expect(linesOf('json')).toMatchObject([NO_IDS, NO_IDS]);
  for (const logFormat of ['ecs', 'gcp'] as const) {
    const keys = linesOf(logFormat).flatMap((line) => Object.keys(line));
    expect(keys.filter((key) => /trace|span/.test(key))).toEqual([]);
  }
});

test.each<[LogFormatName, (span: SpanContext) => object]>([
  ['xray', ({ traceId }) => ({ xray_trace_id: `1-${traceId.slice(0, 8)}-${traceId.slice(8)}` })],
  ['datadog', ({ traceId }) => ({ 'dd.trace_id': traceId })],
  ['gcp', ({ traceId }) => ({ severity: 'INFO', 'logging.googleapis.com/trace': traceId })],
  ['ecs', ({ traceId }) => ({ 'log.level': 'info', 'trace.id': traceId })],
])('console: lines of the format %s (L1)', (logFormat, expected) => {
  setEnvironment({ GOOGLE_CLOUD_PROJECT: '' });
  recordSpans();
  const { console, out } = consoleWith({ logFormat });
  const span = inSpan(() => console.log('here'));
  expect(out()).toMatchObject([expected(span)]);
});

test('console: other keys take the place of the standard ones, and ours win over the user’s (L3, L4, X8)', () => {
  const { console, out } = consoleWith({ traceKeys: { traceId: 'traceId' } });
  console.log('here', { traceId: 'theirs', level: 'theirs', sku: 'a-1' });
  expect(out()).toMatchObject([{ traceId: NO_IDS.trace_id, level: 'INFO', sku: 'a-1' }]);
  expect(out()[0]).not.toHaveProperty('trace_id');
});

test('console: a hook adds fields, and one that throws is harmless; names of secrets are redacted (L5)', () => {
  const warnings = collectWarnings();
  let calls = 0;
  const { console, out } = consoleWith({
    redact: ['password'],
    fields() {
      calls += 1;
      if (calls > 1) throw new Error('no job');
      return { job: 7 };
    },
  });
  onTestFinished(setContextFields(() => ({ request_id: 'r-1', job: 'context' })));
  console.log('first', { password: 'secret' });
  console.log('second');
  expect(out()).toMatchObject([
    { job: 7, request_id: 'r-1', password: '[REDACTED]' },
    { job: 'context', request_id: 'r-1' },
  ]);
  expect(warnings).toEqual([expect.stringContaining('Error: no job')]);
});

test('console: undo gives it its own methods back, and it can be configured again (L6, L8)', () => {
  const { console, text, undo } = consoleWith();
  const { log } = console;
  undo();
  expect(console.log).not.toBe(log);
  console.log('plain %s', 'text');
  expect(text()).toBe('plain text\n');
  const again = configureConsoleLogging(console, { serviceName: 'again' });
  configureConsoleLogging(console, { serviceName: 'twice' });
  again();
  console.log('here');
  expect(parseLines(text().split('plain text\n')[1] ?? '')).toMatchObject([
    { service: 'twice', message: 'here' },
  ]);
});

test('console: its streams, its other methods and what others put in its way stay (L7)', () => {
  const seen: unknown[][] = [];
  const { console, text, undo } = consoleWith();
  undo();
  const { log, table } = console;
  console.log = (...data: unknown[]) => {
    seen.push(data);
    log(...data);
  };
  const undoAgain = configureConsoleLogging(console, { serviceName: 'shop' });
  console.log('through');
  expect(console.table).toBe(table);
  expect(seen).toEqual([[expect.stringContaining('"message":"through"')]]);
  expect(parseLines(text())).toMatchObject([{ message: 'through' }]);

  // Put on top, and called after the undo.
  const ours = console.log;
  console.log = (...data: unknown[]) => ours('top', ...data);
  undoAgain();
  console.log('plain');
  expect(text().split('\n').at(-2)).toBe('top plain');
});

test('console: LOG_LEVEL and the option level decide what is written; without them all is', () => {
  const levelsOf = (options: ConsoleLoggingOptions, environment: Record<string, string>): unknown[] => {
    setEnvironment(environment);
    const { console, out, errors } = consoleWith(options);
    for (const name of ['trace', 'debug', 'log', 'warn', 'error'] as const) console[name](name);
    return [...out(), ...errors()].map(({ message }) => message);
  };
  expect(levelsOf({}, {})).toEqual(['debug', 'log', 'trace', 'warn', 'error']);
  expect(levelsOf({}, { LOG_LEVEL: 'warn,db=debug' })).toEqual(['warn', 'error']);
  expect(levelsOf({ level: 'silent' }, { LOG_LEVEL: 'warn' })).toEqual([]);
});

test('console: with the option stream all lines go there', () => {
  const { stream, written } = collectingStream();
  const { console, text } = consoleWith({ stream });
  console.log('one');
  console.error('two');
  expect([parseLines(written()).map(({ message }) => message), text()]).toEqual([['one', 'two'], '']);
});

test('console: whatever is logged makes a line and throws nothing', () => {
  const { console, out } = consoleWith();
  const bad = new Proxy(
    {},
    {
      get: () => {
        throw new Error('no');
      },
      ownKeys: () => {
        throw new Error('no');
      },
    },
  );
  console.log(bad, 10n, Symbol('s'), runInNewContext('new Error("theirs")'), '\u2028');
  console.log();
  expect(out()).toHaveLength(2);
});

test.each([
  [() => configureConsoleLogging({} as Console), /the first argument must be a console; got \{\}/],
  [() => consoleWith({ level: 'loud' as 'info' }), /configureConsoleLogging: level must be one of/],
  [() => consoleWith({ maxLineBytes: 10 }), /maxLineBytes must be a whole number from 256; got 10/],
])('console: a wrong argument throws a TypeError that names it: %o', (make, message) => {
  expect(make).toThrow(message);
  expect(make).toThrow(TypeError);
});
