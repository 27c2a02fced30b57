import { Console } from 'node:console';
import { Writable } from 'node:stream';

import { hasControl, hold, hostileRecipe, hostileText, made, type Recipe, secretWord } from '@org/fuzz';
import fc from 'fast-check';
import pino from 'pino';
import { expect, test } from 'vitest';
import winston from 'winston';

import { childLogger } from '../src/child-logger.ts';
import { configureConsoleLogging } from '../src/log-console.ts';
import { LOG_FORMATS, type LogFormatName } from '../src/log-formats.ts';
import { createLogFormatter } from '../src/log-line.ts';
import { pinoTraceMixin } from '../src/log-pino.ts';
import { traceWinston } from '../src/log-winston.ts';
import { configureLogging } from '../src/configure-logging.ts';
import { freshLoglevel } from './support/logged.ts';

/** A stream that hands over what was written since it was last asked. */
function place(): { stream: Writable; taken: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return {
    stream,
    taken() {
      const written = text;
      text = '';
      return written;
    },
  };
}

const recipes = fc.array(hostileRecipe, { maxLength: 4 });
const makeAll = (all: readonly Recipe[]): unknown[] => all.map((recipe) => made(recipe));

/**
 * Message, fields and exception have 65,536 characters each, which may be escapes of six, and their marks. A key that begins
 * in what is left of the room may be 1024 characters long.
 */
const LINE_AT_MOST = 3 * 6 * 65_536 + 100_000;

/** One line of JSON, or for a person one with others indented below it. */
function checkLine(written: string, format: LogFormatName): void {
  if (!written.endsWith('\n')) throw new Error(`no line: ${JSON.stringify(written)}`);
  const line = written.slice(0, -1);
  expect(line.length).toBeLessThan(LINE_AT_MOST);
  if (format === 'pretty') {
    for (const [index, each] of line.split('\n').entries()) {
      if (hasControl(each) || (index > 0 && !each.startsWith('    '))) throw new Error(JSON.stringify(each));
    }
    return;
  }
  if (hasControl(line)) throw new Error(`a control character: ${JSON.stringify(line)}`);
  JSON.parse(line);
}

for (const logFormat of LOG_FORMATS) {
  hold(`logs: ${logFormat} is one line of whatever loglevel is given, and nothing is thrown`, () => {
    const { stream, taken } = place();
    const log = freshLoglevel();
    configureLogging(log, { logFormat, stream, serviceName: 'shop', level: 'trace' });
    const redacting = freshLoglevel();
    configureLogging(redacting, { logFormat, stream, serviceName: 'shop', redact: [/^pass/i] });
    return fc.property(recipes, hostileText(300), (all, name) => {
      log.warn(...makeAll(all));
      checkLine(taken(), logFormat);
      // loglevel itself stumbles over names that every object has.
      log.getLogger(`l${name}`).error(...makeAll(all));
      checkLine(taken(), logFormat);
      redacting.info(...makeAll(all));
      checkLine(taken(), logFormat);
    });
  });
}

hold('logs: a console writes one line of whatever it is given', () => {
  const { stream, taken } = place();
  const own = new Console(stream);
  configureConsoleLogging(own, { stream, serviceName: 'shop' });
  return fc.property(
    recipes,
    fc.constantFrom('log', 'info', 'warn', 'error', 'debug', 'trace'),
    (all, method) => {
      own[method as 'log'](...makeAll(all));
      checkLine(taken(), 'json');
    },
  );
});

hold('logs: a limit of bytes holds for whatever is logged', () => {
  return fc.property(
    recipes,
    fc.constantFrom(...LOG_FORMATS),
    fc.integer({ min: 1024, max: 70_000 }),
    (all, logFormat, maxLineBytes) => {
      const format = createLogFormatter({ logFormat, maxLineBytes });
      const [message, error, ...fields] = makeAll(all);
      const line = format({
        level: 'INFO',
        service: 'shop',
        message: message as string,
        error: error as Error,
        fields: fields.filter((each): each is object => typeof each === 'object' && each !== null),
      });
      checkLine(`${line}\n`, logFormat);
      expect(Buffer.byteLength(line)).toBeLessThan(maxLineBytes);
    },
  );
});

hold('logs: a formatter makes a line of any entry', () => {
  const format = LOG_FORMATS.map((logFormat) => ({ logFormat, make: createLogFormatter({ logFormat }) }));
  return fc.property(
    fc.record({
      level: hostileRecipe,
      service: hostileText(300),
      message: hostileRecipe,
      logger: hostileText(300),
      time: hostileRecipe,
      error: hostileRecipe,
    }),
    (recipe) => {
      const entry = {
        level: made(recipe.level) as string,
        service: recipe.service,
        message: made(recipe.message) as string,
        logger: recipe.logger,
        time: made(recipe.time) as number,
        error: made(recipe.error) as Error,
      };
      for (const { logFormat, make } of format) checkLine(`${make(entry)}\n`, logFormat);
    },
  );
});

hold('logs: a child logger takes any fields', () => {
  const { stream, taken } = place();
  const log = freshLoglevel();
  configureLogging(log, { stream, serviceName: 'shop' });
  return fc.property(hostileRecipe, recipes, (bound, all) => {
    const fields = made(bound);
    if (typeof fields !== 'object' || fields === null) return;
    childLogger(log, fields).info(...makeAll(all));
    checkLine(taken(), 'json');
  });
});

hold('logs: no value of a field that is to be redacted is on a line', () => {
  const { stream, taken } = place();
  const logs = LOG_FORMATS.map((logFormat) => {
    const log = freshLoglevel();
    configureLogging(log, { stream, logFormat, serviceName: 'shop', redact: ['password', /token/i] });
    return log;
  });
  const within = fc.constantFrom<(value: object, text: string) => unknown[]>(
    (value) => [value],
    (value, text) => [text, value],
    (value, text) => [text, 1, { [text]: { list: [value] } }],
    (value) => ['%s %o %j', value, value, value],
    (value, text) => [new Error(text, { cause: value })],
    (value, text) => [text, new Map([[text, value]]), new Set([value])],
    (value, text) => [Object.assign(new Error(text), { errors: [value], err: value })],
    (value) => ['%O', [[[value]]]],
  );
  const key = fc.constantFrom('password', 'PASSWORD', 'authToken', 'token');
  return fc.property(secretWord, key, within, hostileText(300), (secret, name, put, text) => {
    for (const log of logs) log.info(...put({ [name]: secret, other: 1 }, text));
    if (taken().includes(secret)) throw new Error('the secret is on a line');
  });
});

hold('logs: pino and winston write what they are given, with our fields, and nothing of ours throws', () => {
  const { stream, taken } = place();
  const plain = pino({}, stream);
  const traced = pino({ mixin: pinoTraceMixin() }, stream);
  const options = { transports: [new winston.transports.Stream({ stream })] };
  const plainWinston = winston.createLogger(options);
  const tracedWinston = winston.createLogger(options);
  traceWinston(tracedWinston);
  const outcome = (run: () => unknown): string => {
    try {
      run();
      return 'returned';
    } catch {
      return 'thrown';
    }
  };
  return fc.property(hostileRecipe, hostileText(300), (recipe, text) => {
    // What they throw themselves they throw without us too.
    expect(outcome(() => traced.info(made(recipe), text))).toBe(
      outcome(() => plain.info(made(recipe), text)),
    );
    const ofPlain = outcome(() => plainWinston.info(text, made(recipe)));
    expect(outcome(() => tracedWinston.info(text, made(recipe)))).toBe(ofPlain);
    taken();
  });
});

test('an object of 200,000 members, and an error of as many errors, are a line of limited length', () => {
  const fields = Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`k${index}`, 'v']));
  const error = new AggregateError([], 'many');
  const one = new Error('one');
  error.errors = Array.from({ length: 200_000 }, () => one);
  for (const logFormat of LOG_FORMATS) {
    const entry = { level: 'INFO', service: 'shop', message: '', fields: [fields], error };
    const line = createLogFormatter({ logFormat })(entry);
    checkLine(`${line}\n`, logFormat);
    expect(line.length).toBeGreaterThan(10_000);
  }
});
