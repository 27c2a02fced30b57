import { expect, test } from 'vitest';

import { configureLogging } from '../src/configure-logging.ts';
import type { LoggingOptions } from '../src/log-options.ts';
import { collectingStream, freshLoglevel, logged } from './support/logged.ts';
import { setEnvironment } from './support/started.ts';

/** Levels of these loggers, those made before the call and those made after it. */
function levelsUnder(LOG_LEVEL: string, names: readonly string[], options: LoggingOptions = {}): unknown[] {
  setEnvironment({ LOG_LEVEL });
  const log = freshLoglevel();
  const early = names.map((name) => log.getLogger(name));
  configureLogging(log, { stream: collectingStream().stream, ...options });
  const late = names.map((name) => log.getLogger(`${name}:late`));
  const nameOf = new Map(Object.entries(log.levels).map(([name, level]) => [level, name]));
  return [log, ...early, ...late].map((logger) => nameOf.get(logger.getLevel()));
}

test('LOG_LEVEL gives levels to loggers by name, made before or after', () => {
  expect(levelsUnder('warn, db* = debug,http.*=error', ['db', 'http.in', 'other'])).toEqual([
    'WARN',
    'DEBUG',
    'ERROR',
    'WARN',
    'DEBUG',
    'ERROR',
    'WARN',
  ]);
});

test.each([
  ['db=debug,*=error', 'DEBUG'],
  ['d*=error,db*=debug,*=warn', 'DEBUG'],
  ['db=error,db=debug', 'DEBUG'],
  ['db=debug', 'DEBUG'],
  ['d.=error,db=debug', 'DEBUG'],
  ['DB=error', 'INFO'],
])('of the entries of %s that fit the logger db, the one that fits best counts', (LOG_LEVEL, level) => {
  expect(levelsUnder(LOG_LEVEL, ['db']).slice(0, 2)).toEqual(['INFO', level]);
});

test('levels in code win over those of LOG_LEVEL, each over its part', () => {
  const levels = { db: 'error' } as const;
  expect(levelsUnder('debug,db=trace', ['db'], { levels }).slice(0, 2)).toEqual(['DEBUG', 'ERROR']);
  expect(levelsUnder('debug,db=trace', ['db'], { level: 'warn' }).slice(0, 2)).toEqual(['WARN', 'TRACE']);
});

test('wrong entries are named in one warning, and the others count', () => {
  setEnvironment({ LOG_LEVEL: 'warn,db=loud,=debug,http=debug,shout' });
  const shop = logged();
  shop.log.info('not written');
  shop.log.getLogger('db').info('not written');
  shop.log.getLogger('http').debug('written');
  expect(shop.lines().map(({ level, message }) => [level, message])).toEqual([
    [
      'WARN',
      'LOG_LEVEL="db=loud,=debug,shout" is not one of trace, debug, info, warn, error, silent, alone or as name=level; warn is used',
    ],
    ['DEBUG', 'written'],
  ]);
});

test('a level that the application has set itself stays (L7)', () => {
  setEnvironment({ LOG_LEVEL: 'info,quiet=debug' });
  const log = freshLoglevel();
  const quiet = log.getLogger('quiet');
  quiet.setLevel('error');
  configureLogging(log, { stream: collectingStream().stream });
  expect(quiet.getLevel()).toBe(log.levels.ERROR);
});

test('undo takes the levels back, but for those that were set since, and getLogger too (L6, L8)', () => {
  setEnvironment({ LOG_LEVEL: 'info,*=debug' });
  const log = freshLoglevel();
  const { getLogger } = log;
  const loggers = ['one', 'two'].map((name) => log.getLogger(name));
  const undo = configureLogging(log, { stream: collectingStream().stream });
  loggers.push(log.getLogger('three'), log.getLogger(Symbol('four')));
  loggers[1]?.setLevel('error');
  expect(loggers.map((logger) => logger.getLevel())).toEqual([1, 4, 1, 1]);
  undo();
  expect(loggers.map((logger) => logger.getLevel())).toEqual([3, 4, 3, 3]);
  expect(log.getLogger).toBe(getLogger);
  configureLogging(log, { stream: collectingStream().stream });
  expect(loggers.map((logger) => logger.getLevel())).toEqual([1, 4, 1, 1]);
});

test('resetting a logger’s level and asking for it again leave the application’s choice alone', () => {
  setEnvironment({ LOG_LEVEL: 'info,db=debug' });
  const shop = logged();
  shop.log.getLogger('db').setLevel('warn');
  expect(shop.log.getLogger('db').getLevel()).toBe(shop.log.levels.WARN);
});

test.each([
  [{ levels: 'db=debug' }, /levels must be an object of levels by name; got 'db=debug'/],
  [{ levels: { db: 'loud' } }, /levels\["db"\] must be one of trace, .*; got 'loud'/],
])('wrong levels throw a TypeError that names them: %o', (options, message) => {
  const wrong = options as unknown as LoggingOptions;
  expect(() => configureLogging(freshLoglevel(), wrong)).toThrow(message);
  expect(() => configureLogging(freshLoglevel(), wrong)).toThrow(TypeError);
});
