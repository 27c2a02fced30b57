import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { startOtlpReceiver } from '@org/tracing-testing';
import { traceMatchers } from '@org/tracing-testing/vitest';
import { expect, onTestFinished, test } from 'vitest';

import { database } from './traced-database.ts';

expect.extend(traceMatchers);

const run = promisify(execFile);
const server = database();
const REGISTER = '@org/tracing-pg/register';

/** A program that knows nothing of the kit. */
const ASK = `
async function ask(pg) {
  const pool = new pg.Pool({ connectionString: process.env.PG_URL });
  await trace.getTracer('program').startActiveSpan('job', async (span) => {
    const { rows } = await pool.query("SELECT 'well' AS state");
    console.log(rows[0].state);
    span.end();
  });
  await pool.end();
}`;

const QUERY = { name: 'job', children: [{ kind: 'CLIENT', name: 'SELECT' }] } as const;

async function spansOf(
  type: 'module' | 'commonjs',
  program: string,
  flags: readonly string[] = ['--import', REGISTER],
  env: NodeJS.ProcessEnv = {},
): Promise<{
  spans: Awaited<ReturnType<typeof startOtlpReceiver>>['spans'];
  stdout: string;
  stderr: string;
}> {
  await using receiver = await startOtlpReceiver();
  const { stdout, stderr } = await run(
    process.execPath,
    [...flags, `--input-type=${type}`, '--eval', `${program} ${ASK}`],
    {
      cwd: import.meta.dirname,
      env: { ...process.env, PG_URL: server.url, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env },
    },
  );
  await receiver.settled();
  return { spans: receiver.spans, stdout, stderr };
}

const trace = {
  module: `import { trace } from '@opentelemetry/api';`,
  commonjs: `const { trace } = require('@opentelemetry/api');`,
};

test.each([
  ['ESM, the default', 'module', `import pg from 'pg'; await ask(pg);`],
  ['ESM, by name', 'module', `import { Pool } from 'pg'; await ask({ Pool });`],
  ['ESM, later', 'module', `await ask(await import('pg'));`],
  ['CommonJS', 'commonjs', `void ask(require('pg'));`],
  ['CommonJS, the oldest', 'commonjs', `void ask(require('pg80'));`],
] as const)(
  'the queries of a program that knows nothing of tracing have spans: %s',
  async (_how, type, program) => {
    for (const flag of ['--import', '--require']) {
      const { spans, stdout, stderr } = await spansOf(type, `${trace[type]} ${program}`, [flag, REGISTER]);
      expect({ stdout, stderr }).toEqual({ stdout: 'well\n', stderr: '' });
      expect(spans).toMatchTraceTree(QUERY);
    }
  },
);

test('a program that calls tracePg by itself has each query once', async () => {
  const { spans, stderr } = await spansOf(
    'module',
    `${trace.module} import pg from 'pg'; import { tracePg } from '@org/tracing-pg'; tracePg(pg); await ask(pg);`,
  );
  expect(stderr).toBe('');
  expect(spans).toMatchTraceTree(QUERY);
});

/** A folder with what pg takes for its native variant: the real one takes a compiler to install. */
function folderWithNative(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pg-native-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'pg-native'));
  writeFileSync(join(folder, 'pg-native', 'index.js'), 'module.exports = class {};');
  return folder;
}

test.each([
  ['where it is asked for', '', `require('pg').native`],
  ['where it is made to be all of pg', '1', `require('pg')`],
])("pg's native variant is not traced, which is told once: %s", async (_where, forced, pg) => {
  const folder = folderWithNative();
  const { stdout, stderr } = await spansOf(
    'commonjs',
    `console.log(typeof ${pg}.Client);`,
    ['--import', REGISTER],
    { NODE_PATH: folder, NODE_PG_FORCE_NATIVE: forced },
  );
  expect(stdout).toBe('function\n');
  expect(stderr).toMatch(
    /^\[tracing\] warning: pg 8\.\d+\.\d+ \(.*native.index\.js\) is not traced: TypeError: pg\.native is not supported\n$/,
  );
});

test('the queries of pg are traced in a process that has its native variant too', async () => {
  const folder = folderWithNative();
  const program = `${trace.commonjs} require('pg').native; void ask(require('pg'));`;
  const { spans, stdout } = await spansOf('commonjs', program, ['--import', REGISTER], { NODE_PATH: folder });
  expect(stdout).toBe('well\n');
  expect(spans).toMatchTraceTree(QUERY);
});
