import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';

import { startNextServer } from './next-server.ts';
import type { OutsideProject } from './outside-project.ts';
import { type Library, sampleService } from './sample-service.ts';
import { spanShapes } from './span-shape.ts';
import { spansOf } from './spans-of.ts';

const LIBRARIES: readonly Library[] = ['fastify', 'koa', 'express'];

const SHAPES = [
  { name: 'GET /hello/:name', kind: 'SERVER', parent: undefined },
  { name: 'GET', kind: 'CLIENT', parent: 'GET /hello/:name' },
  { name: 'GET', kind: 'CLIENT', parent: 'GET /hello/:name' },
];

/**
 * Uses what is installed in a project: one traced request of each framework, as an ES module and as CommonJS, and the
 * help of each command.
 *
 * @returns A line for each thing that was done.
 * @throws AssertionError when the spans that came over OTLP are others than they should be, Error when a command fails.
 */
export async function smokeTest(project: OutsideProject, bins: readonly string[]): Promise<string[]> {
  const done: string[] = [];
  for (const library of LIBRARIES) {
    for (const format of ['esm', 'cjs'] as const) {
      const entry = project.write(
        `${library}.${format === 'esm' ? 'mjs' : 'cjs'}`,
        sampleService({ library, format, order: 'last' }),
      );
      await using next = await startNextServer();
      const spans = spanShapes(await spansOf(entry, { NEXT_URL: next.url }));
      assert.deepEqual(spans, SHAPES, `${library}, ${format}`);
      done.push(`${library}, ${format}: ${spans.length} spans`);
    }
  }
  for (const bin of bins) {
    const help = execFileSync('npx', ['--no', '--', bin, '--help'], {
      cwd: project.folder,
      encoding: 'utf8',
      shell: process.platform === 'win32',
      // npm warns there of what pnpm has put into the environment.
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    assert.match(help, new RegExp(bin), `${bin} --help`);
    done.push(`${bin} --help: ${help.split('\n')[0]}`);
  }
  return done;
}
