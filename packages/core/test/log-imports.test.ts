import { expect, test } from 'vitest';

import { runChild } from './support/child.ts';
import { parseLines } from './support/logged.ts';

const NAMES =
  'childLogger, configureConsoleLogging, configureLogging, initTracing, pinoTraceMixin, traceWinston, winstonTraceFormat, withSpan';

const IMPORTS = {
  'ES modules, by default and by name': `
    import { ${NAMES} } from '@org/tracing-core';
    import log from 'loglevel';
    import pino from 'pino';
    import { pino as namedPino } from 'pino';
    import winston from 'winston';
    import { createLogger } from 'winston';`,
  CommonJS: `
    import { createRequire } from 'node:module';
    const require = createRequire(process.cwd() + '/package.json');
    const { ${NAMES} } = require('@org/tracing-core');
    const log = require('loglevel');
    const pino = require('pino');
    const { pino: namedPino } = require('pino');
    const winston = require('winston');
    const { createLogger } = winston;`,
};

const PROGRAM = `
  initTracing({ serviceName: 'shop', exporter: 'none' });
  configureLogging(log);
  const { format } = winston;
  const transports = [new winston.transports.Console({ stderrLevels: ['info'], forceConsole: false })];
  const traced = createLogger({ transports, format: format.json() });
  traceWinston(traced);
  const formatted = winston.createLogger({ transports, format: format.combine(winstonTraceFormat(), format.json()) });
  const mixin = pinoTraceMixin();
  const toStderr = { write: (line) => process.stderr.write(line) };
  configureConsoleLogging(console);
  const id = withSpan('work', (span) => {
    childLogger(log, { child: true }).info('loglevel');
    pino({ mixin }, toStderr).child({ child: true }).info('pino');
    namedPino({ mixin }, toStderr).info('pino by name');
    traced.child({ child: true }).info('winston');
    formatted.info('winston by format');
    console.error('console');
    return span.spanContext().spanId;
  });
  console.error(id);`;

test.each(Object.entries(IMPORTS))('every binding works by %s (L1, L8)', async (_way, imports) => {
  const { stderr, code } = await runChild(imports + PROGRAM).exit;
  expect(code, stderr).toBe(0);
  const lines = parseLines(stderr);
  const id = lines.at(-1)?.['message'];
  expect(id).toMatch(/^[\da-f]{16}$/);
  expect(
    lines.slice(0, -1).map((line) => [line['message'] ?? line['msg'], line['child'], line['span_id']]),
  ).toEqual([
    ['loglevel', true, id],
    ['pino', true, id],
    ['pino by name', undefined, id],
    ['winston', true, id],
    ['winston by format', undefined, id],
    ['console', undefined, id],
  ]);
});
