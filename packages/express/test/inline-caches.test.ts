import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, onTestFinished, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('fixtures/answer-requests.cjs', import.meta.url));
const REQUESTS = 300;

/** An access in a place that V8 has given up to remember shapes for, and that it did not find otherwise either. */
const MISS = /^(?:Keyed)?(?:Load|Store)IC,.*,N,N,/gm;

/** How often an access to a property misses V8's caches, in each request. */
async function missesOf(kind: 'bare' | 'traced'): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'inline-caches-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const log = join(folder, 'v8.log');
  const flags = ['--log-ic', `--logfile=${log}`, '--no-logfile-per-isolate'];
  await promisify(execFile)(process.execPath, [...flags, PROGRAM, kind]);
  const misses = (await readFile(log, 'latin1')).match(MISS) ?? [];
  return misses.length / REQUESTS;
}

const isBefore24 = Number(process.versions.node.split('.')[0]) < 24;

test('a traced request misses hardly more caches than one that is not: each miss costs half a microsecond', async () => {
  const bare = await missesOf('bare');
  // What Express does to its requests costs nothing from Node 24 on.
  expect(bare > 50).toBe(isBefore24);
  expect((await missesOf('traced')) - bare).toBeLessThan(10);
});
