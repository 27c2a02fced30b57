import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunningPostgres, startPostgres } from '@org/postgres';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { hasOtherNodes, provideNode } from '../../../scripts/node-versions.mjs';
import { bundle } from '../src/bundle.ts';
import { startNextServer } from '../src/next-server.ts';
import { outsideProject, type OutsideProject, versionsHere } from '../src/outside-project.ts';
import { type ImportOrder, type Library, sampleService } from '../src/sample-service.ts';
import { type SpanShape, spanShapes } from '../src/span-shape.ts';
import { spansOf } from '../src/spans-of.ts';

const FORMS = {
  'an ES module': { format: 'esm', bundled: false },
  'a CommonJS file': { format: 'cjs', bundled: false },
  'an ES module bundle with the createRequire banner': { format: 'esm', bundled: true },
  'a CommonJS bundle': { format: 'cjs', bundled: true },
} as const;
type Form = keyof typeof FORMS;

const TYPESCRIPT_OPTIONS = {
  strict: true,
  exactOptionalPropertyTypes: true,
  module: 'nodenext',
  target: 'es2023',
  types: ['node'],
  noEmit: true,
  skipLibCheck: true,
};

const TYPED_APPLICATION = `
import { initTracing } from '@org/tracing-core';
import { expressTracing } from '@org/tracing-express';
import { fastifyTracing } from '@org/tracing-fastify';
import { koaTracing } from '@org/tracing-koa';
import { tracePg } from '@org/tracing-pg';
import express from 'express';
import fastify from 'fastify';
import Koa from 'koa';
import pg from 'pg';

const tracing = initTracing({ serviceName: 'typed' });
const undo: () => void = tracePg(pg);
express().use(expressTracing());
fastify().register(fastifyTracing, { excludedUrls: ['^/internal'] });
new Koa().use(koaTracing({ excludedUrls: [] }));
// @ts-expect-error: wrong options are found before the application runs.
koaTracing({ excludedUrls: 1 });
void tracing.shutdown().then(undo);
`;

const everyForm = Object.keys(FORMS).flatMap((form) => [
  [form as Form, 'first'] as const,
  [form as Form, 'last'] as const,
]);

const REQUEST = {
  shapes: [
    { name: 'GET /hello/:name', kind: 'SERVER', parent: undefined },
    { name: 'GET', kind: 'CLIENT', parent: 'GET /hello/:name' },
    { name: 'GET', kind: 'CLIENT', parent: 'GET /hello/:name' },
  ],
  callers: [1, 2],
};

const QUERY = [
  { name: 'look up', kind: 'INTERNAL', parent: undefined },
  { name: 'SELECT', kind: 'CLIENT', parent: 'look up' },
];

const FOUR_SERVICES_MILLIS = 120_000;

const [ownMajor] = process.versions.node.split('.');
/** Each as far as npm has it for this machine; `pnpm test:matrix` has all of this file on every Node. */
const otherNodes = hasOtherNodes() ? [24, 26].filter((major) => major !== Number(ownMajor)) : [];
if (!hasOtherNodes()) {
  console.warn(
    `npm has no Node for ${process.platform} on ${process.arch}: no other Node than this was tried.`,
  );
}

let project: OutsideProject;
/** Where bundles run: no node_modules above them, so that nothing is missing from a bundle unnoticed. */
let elsewhere: string;
let postgres: RunningPostgres;

beforeAll(async () => {
  const tarballs = inject('tarballs');
  elsewhere = mkdtempSync(join(tmpdir(), 'tracing-bundles-'));
  project = outsideProject({
    packageManager: 'npm',
    ours: Object.keys(tarballs),
    theirs: {
      ...versionsHere('@koa/router', '@opentelemetry/api', 'express', 'fastify', 'koa', 'pg'),
      ...versionsHere('@types/express', '@types/koa', '@types/node', '@types/pg'),
    },
    tarballs,
  });
  postgres = await startPostgres();
});

afterAll(async () => {
  await postgres?.stop();
  project?.[Symbol.dispose]();
  rmSync(elsewhere, { recursive: true, force: true });
});

describe.each(['fastify', 'koa', 'express'] as const)(
  '%s, packed and installed outside the workspace',
  (library) => {
    test.each(everyForm)('traces a request in %s, the framework imported %s', async (form, order) => {
      expect(await tracedRequest(await sampleFile(library, form, order))).toEqual(REQUEST);
    });
  },
);

describe.each(['fastify', 'koa', 'express'] as const)(
  '%s/register, packed and installed outside',
  (library) => {
    test.each(['esm', 'cjs'] as const)(
      'traces a service that knows nothing of tracing: %s',
      async (format) => {
        const source = sampleService({ library, format, order: 'first', untraced: true });
        expect(source).not.toMatch(/tracing/i);
        const entry = project.write(`${library}-untraced.${format === 'esm' ? 'mjs' : 'cjs'}`, source);
        expect(await tracedFromOutside(library, entry)).toEqual(REQUEST);
      },
    );
  },
);

test('fastify/register traces a Fastify that is inside of a bundle too', async () => {
  const source = sampleService({ library: 'fastify', format: 'esm', order: 'first', untraced: true });
  const outfile = join(elsewhere, 'fastify-untraced.mjs');
  await bundle(project.write('fastify-untraced-bundled.mjs', source), outfile, 'esm');
  expect(await tracedFromOutside('fastify', outfile)).toEqual(REQUEST);
});

describe('pg, packed and installed outside the workspace', () => {
  test.each(everyForm)('traces a query in %s, pg imported %s', async (form, order) => {
    expect(await tracedQuery(await sampleFile('pg', form, order))).toEqual(QUERY);
  });
});

describe.each(otherNodes)('on Node %i', (major) => {
  let execPath: string;
  beforeAll(() => {
    execPath = provideNode(major).path;
  });

  const forms = Object.keys(FORMS) as Form[];
  test.each(forms)(
    '%s is traced: Fastify, Koa, Express and pg',
    async (form) => {
      for (const library of ['fastify', 'koa', 'express'] as const) {
        expect(await tracedRequest(await sampleFile(library, form, 'last'), execPath)).toEqual(REQUEST);
      }
      expect(await tracedQuery(await sampleFile('pg', form, 'last'), execPath)).toEqual(QUERY);
    },
    FOUR_SERVICES_MILLIS,
  );

  test(
    'services that know nothing of tracing are traced from outside: Fastify, Koa and Express',
    async () => {
      for (const library of ['fastify', 'koa', 'express'] as const) {
        for (const format of ['esm', 'cjs'] as const) {
          const source = sampleService({ library, format, order: 'first', untraced: true });
          const entry = project.write(`${library}-untraced.${format === 'esm' ? 'mjs' : 'cjs'}`, source);
          expect(await tracedFromOutside(library, entry, execPath)).toEqual(REQUEST);
        }
      }
    },
    FOUR_SERVICES_MILLIS,
  );
});

test.each(Object.keys(inject('tarballs')))('%s gives the same through import and through require', (name) => {
  const exportsOf = (load: string, ...flags: string[]): string[] => {
    // Node marks a required ES module that has a default export with __esModule.
    const script = `console.log(Object.keys(${load}('${name}')).filter((key) => key !== '__esModule').join())`;
    const args = [...flags, '--eval', script];
    return execFileSync(process.execPath, args, { cwd: project.folder, encoding: 'utf8' }).trim().split(',');
  };
  const imported = exportsOf('await import', '--input-type=module');
  expect(imported).not.toContain('');
  expect(exportsOf('require')).toEqual(imported);
});

test('nothing that is installed with the packages runs a script when it is installed', () => {
  const lock = JSON.parse(readFileSync(join(project.folder, 'package-lock.json'), 'utf8'));
  const installed: [string, { hasInstallScript?: boolean }][] = Object.entries(lock.packages);
  expect(installed.map(([path]) => path)).toContain('node_modules/@org/tracing-core');
  expect(installed.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)).toEqual([]);
});

test("an application's TypeScript accepts the packages beside the libraries' own types", () => {
  project.write(
    'tsconfig.json',
    JSON.stringify({ compilerOptions: TYPESCRIPT_OPTIONS, include: ['app.mts'] }),
  );
  project.write('app.mts', TYPED_APPLICATION);
  const tsc = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url));
  const { stdout, status } = spawnSync(process.execPath, [tsc, '--project', project.folder], {
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});

function tracedFromOutside(
  library: Library,
  entry: string,
  execPath?: string,
): ReturnType<typeof tracedRequest> {
  const execArgv = ['--import', `@org/tracing-${library}/register`];
  return tracedRequest(entry, execPath, { cwd: project.folder, execArgv });
}

/** Sends one request; `callers` are the spans, by their place, that the service it calls was told of. */
async function tracedRequest(
  entry: string,
  execPath?: string,
  options?: Parameters<typeof spansOf>[3],
): Promise<Record<string, unknown>> {
  await using next = await startNextServer();
  const spans = await spansOf(entry, { NEXT_URL: next.url }, execPath, options);
  const headers = spans.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-03`);
  const callers = next.traceparents.map((traceparent) => headers.indexOf(String(traceparent)));
  return { shapes: spanShapes(spans), callers };
}

async function tracedQuery(entry: string, execPath?: string): Promise<SpanShape[]> {
  return spanShapes(await spansOf(entry, { DATABASE_URL: postgres.url }, execPath));
}

async function sampleFile(library: Library, form: Form, order: ImportOrder): Promise<string> {
  const { format, bundled } = FORMS[form];
  const extension = format === 'esm' ? 'mjs' : 'cjs';
  const name = `${library}-${order}`;
  // A bundle is made from ES modules, whatever comes out.
  const source = sampleService({ library, format: bundled ? 'esm' : format, order });
  if (!bundled) return project.write(`${name}.${extension}`, source);
  const outfile = join(elsewhere, `${name}.${extension}`);
  await bundle(project.write(`${name}-bundled.mjs`, source), outfile, format);
  return outfile;
}
