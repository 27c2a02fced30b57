import { expect, test } from 'vitest';

import { errorText } from '../src/diagnostics.ts';
import { runChild } from './support/child.ts';

/** Says one thing at each level. */
const PROGRAM = `
  import { diag } from '@opentelemetry/api';
  import { initTracing } from '@org/tracing-core';
  const tracing = initTracing({ exporter: 'none' });
  diag.error('an error', new TypeError('broken\\n  in two'));
  diag.warn('a warning %s');
  diag.info('a fact', { nested: { deep: [1, 2] } });
  diag.debug('a detail');
  diag.verbose('a trifle');
  await tracing.shutdown();
  diag.error('after shutdown');
`;

const LINES = [
  '[tracing] error: an error TypeError: broken in two',
  '[tracing] warning: a warning %s',
  '[tracing] info: a fact { nested: { deep: [ 1, 2 ] } }',
  '[tracing] debug: a detail',
  '[tracing] verbose: a trifle',
];

test.each([
  ['unset', {}, 2],
  ['none', { OTEL_LOG_LEVEL: 'none' }, 0],
  ['error', { OTEL_LOG_LEVEL: 'error' }, 1],
  ['WARN', { OTEL_LOG_LEVEL: 'WARN' }, 2],
  ['info', { OTEL_LOG_LEVEL: 'info' }, 3],
  ['debug', { OTEL_LOG_LEVEL: 'debug' }, 4],
  ['verbose', { OTEL_LOG_LEVEL: 'verbose' }, 5],
  ['all', { OTEL_LOG_LEVEL: 'all' }, 5],
])('OTEL_LOG_LEVEL %s lets messages out on stderr, one line each', async (_level, environment, count) => {
  const { stderr } = await runChild(PROGRAM, environment).exit;
  const ours = stderr.split('\n').filter((line) => !line.includes('@opentelemetry/api'));
  expect(ours).toEqual([...LINES.slice(0, count), '']);
});

test('logLevel in code wins over OTEL_LOG_LEVEL', async () => {
  const program = PROGRAM.replace("exporter: 'none'", "exporter: 'none', logLevel: 'error'");
  expect((await runChild(program, { OTEL_LOG_LEVEL: 'all' }).exit).stderr).toBe(`${LINES[0]}\n`);
});

test('a console that the application has patched is not used', async () => {
  const program = `
    import { initTracing } from '@org/tracing-core';
    console.error = () => process.exit(3);
    initTracing({ exporter: 'none' });
    initTracing();
  `;
  expect(await runChild(program).exit).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^\[tracing] warning: .*\n$/),
  });
});

test('a closed stderr is no error', async () => {
  const program = `
    import { closeSync } from 'node:fs';
    import { initTracing } from '@org/tracing-core';
    closeSync(2);
    initTracing({ exporter: 'none' });
    initTracing();
  `;
  expect(await runChild(program).exit).toEqual({ code: 0, signal: null, stderr: '' });
});

test('a connection refused on every address of a name is said in words', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
  expect(errorText(new AggregateError([refused, refused]))).toBe(
    'AggregateError: Error: connect ECONNREFUSED 127.0.0.1:1, Error: connect ECONNREFUSED 127.0.0.1:1',
  );
  expect(errorText(Object.assign(new Error(), { code: 'EPIPE' }))).toBe('Error: EPIPE');
  expect(errorText('words')).toBe('words');
  expect(errorText({ a: [1] })).toBe('{ a: [ 1 ] }');
});

test('tracing that starts while an earlier one shuts down keeps its messages', async () => {
  const program = `
    import { diag } from '@opentelemetry/api';
    import { initTracing } from '@org/tracing-core';
    const ended = initTracing({ exporter: 'none' }).shutdown();
    const tracing = initTracing({ exporter: 'none', logLevel: 'info' });
    await ended;
    diag.info('it goes on');
    await tracing.shutdown();
    diag.error('after shutdown');
  `;
  expect((await runChild(program).exit).stderr).toBe('[tracing] info: it goes on\n');
});
