import { context, diag, DiagLogLevel, type SpanContext, trace } from '@opentelemetry/api';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace-node';
import type log from 'loglevel';
import { expect, onTestFinished, test } from 'vitest';

import { configureLogging } from '../src/configure-logging.ts';
import { withSpan } from '../src/with-span.ts';
import { collectingStream, freshLoglevel, logged, parseLines } from './support/logged.ts';
import { recordSpans } from './support/recorded-spans.ts';
import { collectWarnings, setEnvironment, started } from './support/started.ts';

const NO_IDS = { trace_id: '0'.repeat(32), span_id: '0'.repeat(16), trace_flags: '00' };

test('a line has timestamp, level, service, message, trace_id, span_id and trace_flags', () => {
  const shop = logged();
  const before = Date.now();
  shop.log.info('order accepted');
  const [line, ...others] = shop.lines();
  expect(others).toEqual([]);
  expect(line).toEqual({
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    level: 'INFO',
    service: 'shop',
    message: 'order accepted',
    ...NO_IDS,
  });
  const written = Date.parse(String(line?.['timestamp']));
  expect(written).toBeGreaterThanOrEqual(before);
  expect(written).toBeLessThanOrEqual(Date.now());
});

test('every logger, root and named, made before or after the call, writes one JSON line', () => {
  const app = freshLoglevel();
  const symbol = Symbol('by symbol');
  const before = [app.getLogger('before'), app.getLogger(symbol)];
  const { stream, written } = collectingStream();
  configureLogging(app, { serviceName: 'shop', stream });
  for (const logger of [app, ...before, app.getLogger('after')]) logger.info('here');
  expect(parseLines(written()).map(({ logger, message }) => [logger, message])).toEqual([
    [undefined, 'here'],
    ['before', 'here'],
    ['by symbol', 'here'],
    ['after', 'here'],
  ]);
});

test('each method has its level', () => {
  const shop = logged({ level: 'trace' });
  shop.log.trace('1');
  shop.log.debug('2');
  shop.log.log('3');
  shop.log.info('4');
  shop.log.warn('5');
  shop.log.error('6');
  expect(shop.lines().map(({ level }) => level)).toEqual([
    'TRACE',
    'DEBUG',
    'DEBUG',
    'INFO',
    'WARN',
    'ERROR',
  ]);
});

test('L1: lines carry the ids of the span that is active when they are written, named loggers too', async () => {
  recordSpans();
  const shop = logged();
  const named = shop.log.getLogger('orders');
  const ids: SpanContext[] = [];
  await withSpan('outer', async (outer) => {
    ids.push(outer.spanContext());
    shop.log.info('in outer');
    await withSpan('inner', async (inner) => {
      ids.push(inner.spanContext());
      await Promise.resolve();
      named.info('in inner');
    });
  });
  shop.log.info('in none');
  expect(shop.lines().map(({ trace_id, span_id, trace_flags }) => [trace_id, span_id, trace_flags])).toEqual([
    ...ids.map(({ traceId, spanId }) => [traceId, spanId, '01']),
    Object.values(NO_IDS),
  ]);
});

test('L1: the line of an unsampled span has its ids and the flags 00', () => {
  recordSpans(new AlwaysOffSampler());
  const shop = logged();
  withSpan('unsampled', (span) => {
    shop.log.info('here');
    const { traceId, spanId } = span.spanContext();
    expect(shop.lines()).toMatchObject([{ trace_id: traceId, span_id: spanId, trace_flags: '00' }]);
  });
});

test('L2, X8: without a span, and with an invalid one, the ids are zeros', () => {
  recordSpans();
  const shop = logged();
  shop.log.info('no span');
  const invalid = trace.wrapSpanContext({ traceId: 'no id', spanId: '"}', traceFlags: 1 });
  context.with(trace.setSpan(context.active(), invalid), () => shop.log.info('invalid'));
  expect(shop.lines()).toMatchObject([NO_IDS, NO_IDS]);
});

test('L3: other keys for the ids take the place of the standard ones', () => {
  const shop = logged({ traceKeys: { traceId: 'traceId', spanId: 'span.id' } });
  shop.log.info('here', { traceId: 'mine' });
  const [line] = shop.lines();
  expect(line).toMatchObject({ traceId: NO_IDS.trace_id, 'span.id': NO_IDS.span_id, trace_flags: '00' });
  expect(line).not.toHaveProperty('trace_id');
  expect(line).not.toHaveProperty('span_id');
});

test('L4, X8: our reserved keys win over the user\u2019s', () => {
  const shop = logged();
  const reserved = [
    'timestamp',
    'level',
    'service',
    'logger',
    'trace_id',
    'span_id',
    'trace_flags',
    'exception',
  ];
  shop.log.info('ours', Object.fromEntries([...reserved, 'message', 'kept'].map((key) => [key, 'theirs'])));
  const [line] = shop.lines();
  expect(line).toMatchObject({ level: 'INFO', service: 'shop', message: 'ours', kept: 'theirs', ...NO_IDS });
  expect(Object.values(line ?? {}).filter((value) => value === 'theirs')).toHaveLength(1);
});

test('L5: the option "fields" adds fields to each line, and those of the line win', () => {
  let job = 0;
  const shop = logged({ fields: () => ({ job: (job += 1), level: 'mine', sku: 'default' }) });
  shop.log.info('first');
  shop.log.info('second', { sku: 'a-1' });
  expect(shop.lines()).toMatchObject([
    { job: 1, level: 'INFO', sku: 'default' },
    { job: 2, level: 'INFO', sku: 'a-1' },
  ]);
});

test('L5: what the option "fields" throws goes to diag, and the line is written without', () => {
  const warnings = collectWarnings();
  const shop = logged({
    fields() {
      throw new Error('no job');
    },
  });
  shop.log.info('here', { a: 1 });
  expect(shop.lines()).toMatchObject([{ message: 'here', a: 1 }]);
  expect(warnings).toEqual([expect.stringContaining('Error: no job')]);
});

test('L5: a hook that logs, and a diag that leads back to the same logger, end', () => {
  const shop = logged({
    fields() {
      shop.log.info('in the hook');
      throw new Error('no job');
    },
  });
  const say = (message: string): void => shop.log.error(message);
  diag.setLogger({ error: say, warn: say, info: say, debug: say, verbose: say }, DiagLogLevel.WARN);
  onTestFinished(() => diag.disable());
  shop.log.info('here');
  expect(shop.lines()).toMatchObject([
    { message: 'in the hook' },
    { message: expect.stringContaining('no job') },
    { message: 'here' },
  ]);
});

test('L5: a hook that gives no object adds nothing', () => {
  const shop = logged({ fields: () => 'text' as unknown as object });
  shop.log.info('here');
  expect(Object.keys(shop.lines()[0] ?? {})).not.toContain('0');
});

test('L6, L8: undo gives loglevel its own way of writing back, and it can be configured again', () => {
  const app = freshLoglevel();
  const named = app.getLogger('named');
  const { methodFactory } = app;
  const { stream, written } = collectingStream();
  const undo = configureLogging(app, { serviceName: 'shop', stream });
  const later = app.getLogger('later');
  undo();
  for (const logger of [app, named, later]) expect(logger.methodFactory).toBe(methodFactory);
  expect(app.getLevel()).toBe(app.levels.WARN);
  named.info('below WARN, so nowhere');
  expect(written()).toBe('');

  onTestFinished(configureLogging(app, { serviceName: 'shop', stream }));
  for (const logger of [app, named, later]) logger.info('again');
  expect(parseLines(written()).map(({ message }) => message)).toEqual(['again', 'again', 'again']);
});

test('L7: a logger with a level of its own keeps it, before, during and after', () => {
  const app = freshLoglevel();
  const quiet = app.getLogger('quiet');
  quiet.setLevel('error');
  const { stream, written } = collectingStream();
  const undo = configureLogging(app, { serviceName: 'shop', stream });
  quiet.warn('not written');
  quiet.error('written');
  expect(parseLines(written()).map(({ message }) => message)).toEqual(['written']);
  undo();
  expect(quiet.getLevel()).toBe(app.levels.ERROR);
});

test('LOG_LEVEL sets the level, in any case of letters', () => {
  setEnvironment({ LOG_LEVEL: ' Debug ' });
  const shop = logged();
  shop.log.debug('written');
  shop.log.trace('not written');
  expect(shop.lines()).toMatchObject([{ level: 'DEBUG', message: 'written' }]);
});

test.each([{}, { LOG_LEVEL: '' }])('the level is INFO by default (environment: %o)', (environment) => {
  setEnvironment(environment);
  const shop = logged();
  shop.log.debug('not written');
  shop.log.info('written');
  expect(shop.lines()).toMatchObject([{ level: 'INFO', message: 'written' }]);
});

test('a LOG_LEVEL that is none is named in one warning, and INFO is used', () => {
  setEnvironment({ LOG_LEVEL: 'verbose' });
  const shop = logged();
  shop.log.getLogger('named').debug('not written');
  shop.log.info('written');
  configureLogging(shop.log, { serviceName: 'shop', stream: collectingStream().stream });
  expect(shop.lines()).toMatchObject([
    { level: 'WARN', message: expect.stringContaining('LOG_LEVEL="verbose"') },
    { level: 'INFO', message: 'written' },
  ]);
});

test('a level in code wins over LOG_LEVEL, and silent writes nothing', () => {
  setEnvironment({ LOG_LEVEL: 'trace' });
  const shop = logged({ level: 'silent' });
  shop.log.error('not written');
  expect(shop.lines()).toEqual([]);
});

test('setLevel by the application works afterwards, for all loggers and for each', () => {
  const shop = logged();
  const named = shop.log.getLogger('named');
  shop.log.setLevel('debug');
  shop.log.debug('root');
  named.debug('not yet: loglevel passes levels on at rebuild');
  shop.log.rebuild();
  named.debug('named');
  named.setLevel('error');
  named.warn('not written');
  shop.log.resetLevel();
  shop.log.debug('not written');
  shop.log.info('back at the start');
  expect(shop.lines().map(({ message }) => message)).toEqual(['root', 'named', 'back at the start']);
});

test('configuring twice writes no double lines, takes the new options and keeps the level set since', () => {
  const app = freshLoglevel();
  const named = app.getLogger('named');
  const { methodFactory } = app;
  const [first, second] = [collectingStream(), collectingStream()];
  const undoFirst = configureLogging(app, { serviceName: 'shop', stream: first.stream });
  app.setLevel('debug');
  const undoSecond = configureLogging(app, { serviceName: 'renamed', stream: second.stream });
  app.debug('root');
  named.info('named');
  undoFirst();
  app.info('the first undo has nothing left to undo');
  expect(first.written()).toBe('');
  expect(parseLines(second.written()).map(({ service, message }) => [service, message])).toEqual([
    ['renamed', 'root'],
    ['renamed', 'named'],
    ['renamed', 'the first undo has nothing left to undo'],
  ]);
  undoSecond();
  expect([app.methodFactory, named.methodFactory]).toEqual([methodFactory, methodFactory]);
});

test('a plugin of loglevel applied afterwards works on top', () => {
  const shop = logged();
  const { methodFactory } = shop.log;
  shop.log.methodFactory = (method, level, name) => {
    const write = methodFactory(method, level, name);
    return (...message: unknown[]) => write('[prefix]', ...message);
  };
  shop.log.rebuild();
  shop.log.info('here', { a: 1 });
  expect(shop.lines()).toMatchObject([{ message: '[prefix] here', a: 1 }]);
});

test('the service is named as its spans are, also where initTracing is called afterwards', () => {
  setEnvironment({ OTEL_SERVICE_NAME: 'from the environment' });
  const shop = logged({ serviceName: undefined });
  shop.log.info('before');
  started({ serviceName: 'from initTracing', exporter: 'none', outgoingHttp: false });
  shop.log.info('after');
  expect(shop.lines().map(({ service }) => service)).toEqual(['from the environment', 'from initTracing']);
});

test('without any name the service is unknown_service and the program', () => {
  setEnvironment({});
  const shop = logged({ serviceName: undefined });
  shop.log.info('here');
  expect(shop.lines()[0]?.['service']).toMatch(/^unknown_service:.*node/);
});

test.each([
  [{ serviceName: '' }, /serviceName must be a text that is not empty; got ''/],
  [{ level: 'verbose' }, /level must be one of trace, debug, info, warn, error, silent; got 'verbose'/],
  [{ fields: {} }, /fields must be a function; got \{\}/],
  [{ traceKeys: { spanId: 5 } }, /traceKeys\.spanId must be a text that is not empty; got 5/],
  [{ stream: 'stderr' }, /stream must be a writable stream; got 'stderr'/],
])('a wrong option throws a TypeError that names it: %o', (options, message) => {
  const wrong = options as unknown as Parameters<typeof configureLogging>[1];
  expect(() => configureLogging(freshLoglevel(), wrong)).toThrow(message);
  expect(() => configureLogging(freshLoglevel(), wrong)).toThrow(TypeError);
});

test.each([undefined, null, {}, console, freshLoglevel().getLogger('named')])(
  'anything but the root logger of loglevel throws a TypeError',
  (wrong) => {
    expect(() => configureLogging(wrong as typeof log)).toThrow(/must be the root logger of loglevel/);
  },
);
