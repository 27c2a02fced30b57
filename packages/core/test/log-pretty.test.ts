import { expect, test } from 'vitest';

import { createLogFormatter, type LogFormatterOptions } from '../src/log-line.ts';
import { collectingStream, freshLoglevel } from './support/logged.ts';
import { configureLogging } from '../src/configure-logging.ts';
import { setEnvironment } from './support/started.ts';

const TIME = new Date(2026, 10, 22, 9, 5, 7, 45).getTime();
const SPAN = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', traceFlags: 1 };

function linesOf(entry: object, options: LogFormatterOptions = {}): string[] {
  const format = createLogFormatter({ logFormat: 'pretty', ...options });
  return format({ level: 'INFO', service: 'shop', message: 'ready', time: TIME, ...entry }).split('\n');
}

test('a pretty line has time of day, level, logger, message, fields and the end of the trace id', () => {
  const fields = [{ sku: 'a-1', note: 'two words', list: [1, { b: 2 }] }, { sku: 'a-2' }];
  expect(linesOf({ logger: 'orders', message: 'stock is low', fields, spanContext: SPAN })).toEqual([
    '09:05:07.045 INFO  orders stock is low sku=a-2 note="two words" list=[1,{"b":2}] trace=0e0e4736',
  ]);
});

test('without logger, fields and span there is nothing in their place', () => {
  expect(linesOf({ level: 'ERROR' })).toEqual(['09:05:07.045 ERROR ready']);
});

test('further lines of a message and the stacks of an error and of its causes stand below, indented', () => {
  const cause = new RangeError('too far');
  const error = Object.assign(new TypeError('boom', { cause }), { code: 'E_BOOM' });
  const [first, second, ...rest] = linesOf({ message: 'failed:\nsee below', error });
  expect([first, second]).toEqual(['09:05:07.045 INFO  failed:', '    see below']);
  const stack = (each: Error): string[] => (each.stack ?? '').split('\n');
  const [causeHead, ...causeRest] = stack(cause);
  const below = [...stack(error), 'code: E_BOOM', `caused by ${causeHead}`, ...causeRest];
  expect(rest).toEqual(below.map((line) => `    ${line}`));
});

test('nothing that is logged can move the cursor or add a line', () => {
  const hostile = 'a\u001b[2Jb\rc\u202e';
  const text = linesOf({
    level: hostile,
    logger: hostile,
    message: hostile,
    fields: [{ [hostile]: hostile }],
  });
  expect(text).toHaveLength(1);
  // oxlint-disable-next-line no-control-regex
  expect(text[0]).not.toMatch(/[\u0000-\u001f\u202e]/);
});

test('values that cannot be printed do not break the line', () => {
  const refuses = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('no');
      },
    },
  );
  const loop: Record<string, unknown> = {
    get bad() {
      throw new Error('no');
    },
  };
  loop['loop'] = loop;
  expect(linesOf({ fields: [refuses, loop, { big: 10n, none: undefined }] })).toEqual([
    '09:05:07.045 INFO  ready bad=[Throws] loop={"bad":"[Throws no]","loop":"[Circular]"} big="10" none=undefined',
  ]);
});

test('a long message, a long field and a long stack are cut', () => {
  const error = Object.assign(new Error('x'), { stack: 's'.repeat(100_000) });
  const text = linesOf({ message: 'm'.repeat(100_000), fields: [{ f: 'f'.repeat(100_000) }], error }).join(
    '\n',
  );
  expect(text.match(/… \[\d+ more characters\]/g)).toHaveLength(3);
});

test('the level is coloured, as is what is beside the message', () => {
  const [line] = linesOf({ level: 'WARN', fields: [{ a: 1 }] }, { color: true });
  expect(line).toBe('\u001b[2m09:05:07.045\u001b[22m \u001b[33mWARN \u001b[39m ready \u001b[2ma=1\u001b[22m');
});

test.each([
  [true, {}, true],
  [true, { NO_COLOR: '1' }, false],
  [true, { TERM: 'dumb' }, false],
  [false, {}, false],
])('a stream with isTTY %s under %o has colours: %s', (isTTY, environment, colored) => {
  setEnvironment({ NO_COLOR: '', TERM: 'xterm', ...environment });
  const { stream, written } = collectingStream();
  const log = freshLoglevel();
  configureLogging(log, { logFormat: 'pretty', stream: Object.assign(stream, { isTTY }) });
  log.info('here');
  expect(written().includes('\u001b[')).toBe(colored);
  expect(written()).toMatch(/INFO.*here\n$/);
});
