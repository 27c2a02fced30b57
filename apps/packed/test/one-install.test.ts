import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { expect, inject, test } from 'vitest';

import { startNextServer } from '../src/next-server.ts';
import { outsideProject, versionsHere } from '../src/outside-project.ts';
import { sampleService } from '../src/sample-service.ts';
import { spanShapes } from '../src/span-shape.ts';
import { spansOf } from '../src/spans-of.ts';

const INSTALL_MILLIS = 300_000;

test.each(['pnpm', 'npm'] as const)(
  'one install serves: an application that %s gives @org/tracing-koa alone has initTracing from it',
  async (packageManager) => {
    using project = outsideProject({
      packageManager,
      ours: ['@org/tracing-koa'],
      theirs: versionsHere('koa', '@koa/router'),
      tarballs: inject('tarballs'),
    });
    // What makes the re-export needed: pnpm shows an application what it asked for and nothing else.
    expect(existsSync(join(project.folder, 'node_modules/@org/tracing-core'))).toBe(packageManager === 'npm');
    const entry = project.write(
      'service.mjs',
      sampleService({ library: 'koa', format: 'esm', order: 'first' }),
    );
    await using next = await startNextServer();
    expect(spanShapes(await spansOf(entry, { NEXT_URL: next.url }))).toEqual([
      { name: 'GET /hello/:name', kind: 'SERVER', parent: undefined },
      { name: 'GET', kind: 'CLIENT', parent: 'GET /hello/:name' },
      { name: 'GET', kind: 'CLIENT', parent: 'GET /hello/:name' },
    ]);
  },
  INSTALL_MILLIS,
);

test.each([
  ['pnpm', 'esm'],
  ['npm', 'esm'],
  ['npm', 'cjs'],
] as const)(
  "the application's own @opentelemetry/api may be newer than the SDK asks for: %s, %s",
  async (packageManager, format) => {
    using project = outsideProject({
      packageManager,
      ours: ['@org/tracing-koa'],
      theirs: { ...versionsHere('koa', '@koa/router'), '@opentelemetry/api': '>=1.10 <2' },
      tarballs: inject('tarballs'),
    });
    const entry = project.write(
      `service.${format === 'esm' ? 'mjs' : 'cjs'}`,
      sampleService({ library: 'koa', format, order: 'first', ownSpan: true }),
    );
    await using next = await startNextServer();
    expect(spanShapes(await spansOf(entry, { NEXT_URL: next.url }))).toEqual([
      { name: 'GET /hello/:name', kind: 'SERVER', parent: undefined },
      { name: 'own span', kind: 'INTERNAL', parent: 'GET /hello/:name' },
      { name: 'GET', kind: 'CLIENT', parent: 'own span' },
      { name: 'GET', kind: 'CLIENT', parent: 'own span' },
    ]);
  },
  INSTALL_MILLIS,
);
