import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { expect, onTestFinished, test } from 'vitest';

import { database } from './traced-database.ts';

const server = database();

/** Runs a program beside this package, as built. */
async function run(
  inputType: 'module' | 'commonjs',
  program: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [`--input-type=${inputType}`, '--eval', program], {
    cwd: import.meta.dirname,
    env: { ...process.env, PG_URL: server.url, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { stdout, stderr };
}

const ASK = `
async function ask() {
  const tracing = initTracing({ serviceName: 'test', exporter: 'none', spanProcessors: [{
    onStart() {},
    onEnd(span) { console.log(span.name + (span.parentSpanContext ? '' : ' (root)')); },
    forceFlush: async () => {},
    shutdown: async () => {},
  }] });
  const pool = new pg.Pool({ connectionString: process.env.PG_URL });
  await tracing.tracer.startActiveSpan('request', async (span) => {
    await pool.query('SELECT 1');
    span.end();
  });
  await pool.end();
  await tracing.shutdown();
}
`;

const programs: [how: string, type: 'module' | 'commonjs', program: string][] = [
  [
    'ESM, pg first',
    'module',
    `import pg from 'pg'; import { initTracing, tracePg } from '@org/tracing-pg'; ${ASK} tracePg(pg); await ask();`,
  ],
  [
    'ESM, pg last, as a namespace',
    'module',
    `import { initTracing, tracePg } from '@org/tracing-pg'; import * as pg from 'pg'; ${ASK} tracePg(pg); await ask();`,
  ],
  [
    'ESM, pg imported after initTracing',
    'module',
    `import { initTracing, tracePg } from '@org/tracing-pg'; const pg = await import('pg'); ${ASK} tracePg(pg); await ask();`,
  ],
  [
    'CommonJS, pg first',
    'commonjs',
    `const pg = require('pg'); const { initTracing, tracePg } = require('@org/tracing-pg'); ${ASK} tracePg(pg); ask();`,
  ],
  [
    'CommonJS, pg last',
    'commonjs',
    `const { initTracing, tracePg } = require('@org/tracing-pg'); const pg = require('pg'); ${ASK} tracePg(pg); ask();`,
  ],
];

test.each(programs)('the same spans from %s (P18, X6)', async (_how, type, program) => {
  const { stdout, stderr } = await run(type, program);
  expect(stdout, stderr).toBe('SELECT\nrequest (root)\n');
});

test('a rejection that nobody handles still ends the process', async () => {
  const program = `
    import pg from 'pg';
    import { initTracing, tracePg } from '@org/tracing-pg';
    tracePg(pg);
    const { tracer } = initTracing({ serviceName: 'test', exporter: 'none' });
    const client = new pg.Client(process.env.PG_URL);
    await client.connect();
    process.on('unhandledRejection', (error) => {
      console.log(error.code);
      process.exit();
    });
    tracer.startActiveSpan('request', () => { client.query('SELECT * FROM nowhere'); });
  `;
  const { stdout, stderr } = await run('module', program);
  expect(stdout, stderr).toBe('42P01\n');
});

test('pg.native is refused with a TypeError that names it', async () => {
  // pg makes its native variant of whatever is called pg-native, which takes a compiler to install.
  const folder = mkdtempSync(join(tmpdir(), 'pg-native-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'pg-native'));
  writeFileSync(join(folder, 'pg-native', 'index.js'), 'module.exports = class {};');
  const program = `
    const pg = require('pg');
    const { tracePg } = require('@org/tracing-pg');
    for (const variant of [pg, pg.native]) {
      try {
        tracePg(variant)();
        console.log('traced');
      } catch (error) {
        console.log(error.name + ': ' + error.message);
      }
    }
  `;
  const refused =
    "TypeError: pg: expected pg's JavaScript client; got pg.native, which is not supported (NODE_PG_FORCE_NATIVE makes pg native)\n";
  const asked = await run('commonjs', program, { NODE_PATH: folder });
  expect(asked.stdout, asked.stderr).toBe(`traced\n${refused}`);
  const forced = await run('commonjs', program, { NODE_PATH: folder, NODE_PG_FORCE_NATIVE: '1' });
  expect(forced.stdout, forced.stderr).toBe(`${refused}${refused}`);
});
