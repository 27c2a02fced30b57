import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

import { runChild } from './support/child.ts';
import { parseLines } from './support/logged.ts';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));

const SET_UP = `
  import { configureLogging, initTracing, withSpan } from '@org/tracing-core';
  import log from 'loglevel';
  initTracing({ serviceName: 'shop', exporter: 'none' });
  configureLogging(log);
`;

test('a process writes its lines to stderr, one JSON object each, and nothing else', async () => {
  const { stderr, code } = await runChild(
    `${SET_UP}
    const loop = { name: 'loop' };
    loop.loop = loop;
    withSpan('work', () => {
      log.info('first\\nsecond line');
      log.warn('%s of %d', 'a-1', 3, { loop, big: 10n, get bad() { throw new Error('no'); } });
      log.getLogger('orders').error('failed', new TypeError('boom'));
      log.info('\\u2028\\ud800');
      log.debug('not written');
    });
    log.info('after', 'm'.repeat(200_000));`,
    { LOG_LEVEL: 'info' },
  ).exit;
  expect(code).toBe(0);
  const lines = parseLines(stderr);
  expect(lines).toMatchObject([
    { level: 'INFO', message: 'first\nsecond line' },
    { level: 'WARN', message: 'a-1 of 3', loop: { loop: '[Circular]' }, big: '10', bad: '[Throws no]' },
    {
      level: 'ERROR',
      message: 'failed',
      logger: 'orders',
      exception: { type: 'TypeError', message: 'boom' },
    },
    { level: 'INFO', message: '\u2028\ud800' },
    { level: 'INFO', message: expect.stringMatching(/^after m+… \[134\d+ more characters\]$/) },
  ]);
  expect(new Set(lines.map(({ service }) => service))).toEqual(new Set(['shop']));
  const [inSpan, ...rest] = new Set(lines.map(({ trace_id }) => trace_id));
  expect(inSpan).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
  expect(rest).toEqual(['0'.repeat(32)]);
  expect(lines.slice(0, 4).map(({ trace_id, trace_flags }) => [trace_id, trace_flags])).toEqual(
    Array.from({ length: 4 }, () => [inSpan, '01']),
  );
});

test('LOG_LEVEL of a process sets its level', async () => {
  const { stderr } = await runChild(`${SET_UP} log.debug('written'); log.trace('not written');`, {
    LOG_LEVEL: 'DEBUG',
  }).exit;
  expect(parseLines(stderr)).toMatchObject([{ level: 'DEBUG', message: 'written' }]);
});

test.each([
  ['a log line', `log.info('nobody reads this')`],
  ['a message of tracing itself', `diag.warn('nobody reads this')`],
  ['a trace on the console', `withSpan('nobody reads this', () => undefined)`],
])('%s for a stderr whose reader has gone (EPIPE) does not end the process', async (_what, write) => {
  const program = `
    import { once } from 'node:events';
    import { diag } from '@opentelemetry/api';
    import { configureLogging, initTracing, withSpan } from '@org/tracing-core';
    import log from 'loglevel';
    initTracing({ serviceName: 'shop', exporter: 'console' });
    configureLogging(log);
    // The parent closes its end of stderr, then ends stdin.
    process.stdin.resume();
    await once(process.stdin, 'end');
    for (let line = 0; line < 100; line += 1) {
      ${write};
      await new Promise(setImmediate);
    }
    process.exitCode = 7;`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { cwd: PACKAGE });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  child.stderr.destroy();
  await once(child.stderr, 'close');
  child.stdin.end();
  expect(await exited).toEqual([7, null]);
});

test('a stderr that the application has ended does not end the process either', async () => {
  const { code } = await runChild(
    `${SET_UP}
    process.stderr.destroy();
    log.info('into nothing');
    setImmediate(() => { log.info('again'); process.exitCode = 7; });`,
  ).exit;
  expect(code).toBe(7);
});
