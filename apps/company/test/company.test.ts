import { fileURLToPath } from 'node:url';

import { startPostgres } from '@org/postgres';
import { traceMatchers } from '@org/tracing-testing/vitest';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { orderTrace, tracesOf } from './shared-service.ts';

expect.extend(traceMatchers);

let database: Awaited<ReturnType<typeof startPostgres>>;
beforeAll(async () => {
  database = await startPostgres();
});
afterAll(() => database.stop());

const REGISTER = '@opentelemetry/auto-instrumentations-node/register';

const single = [expect.stringMatching(/^00-[\da-f]{32}-[\da-f]{16}-0[13]$/)];

const twice = expect.stringContaining('initTracing was called a second time');
const again = expect.stringContaining('is registered for requests that an earlier registration');
const joined = expect.stringContaining('the application registered a tracer provider before initTracing');
const refused = expect.stringContaining('Attempted duplicate registration of API');
const alone = (scope: string): unknown =>
  expect.stringContaining(`instrumentation-${scope} traces outgoing calls as well`);

interface Case {
  readonly env: Readonly<Record<string, string>>;
  readonly execArgv?: readonly string[];
  /** Name of the span of the query. Default: as ours is called. */
  readonly query?: string;
  /** What is on stderr. */
  readonly said: readonly unknown[];
}

const theirQuery = 'pg.query:SELECT postgres';

const cases: Readonly<Record<string, Case>> = {
  'their instrumentations, last, under Express and CommonJS': {
    env: { FRAMEWORK: 'express', MODULES: 'cjs', LAST: 'instrumentations' },
    query: theirQuery,
    said: [twice, alone('undici'), alone('http')],
  },
  'their instrumentations, last, under Koa and CommonJS': {
    env: { FRAMEWORK: 'koa', MODULES: 'cjs', LAST: 'instrumentations' },
    query: theirQuery,
    said: [twice, again, alone('undici'), alone('http')],
  },
  'their instrumentations and @fastify/otel, last, under CommonJS': {
    env: { FRAMEWORK: 'fastify', MODULES: 'cjs', LAST: 'instrumentations' },
    query: theirQuery,
    said: [twice, alone('undici'), alone('http')],
  },
  'their instrumentations, first, under Koa and ES modules': {
    env: { FRAMEWORK: 'koa', MODULES: 'esm', FIRST: 'instrumentations' },
    said: [twice, again, alone('undici'), alone('http')],
  },
  'their instrumentations, handed to initTracing, under Express and ES modules': {
    env: { FRAMEWORK: 'express', MODULES: 'esm', GIVEN: 'yes' },
    said: [twice],
  },
  'a NodeSDK, started last, under Fastify and ES modules': {
    env: { FRAMEWORK: 'fastify', MODULES: 'esm', LAST: 'sdk' },
    said: [twice, refused, refused, refused, alone('undici'), alone('http')],
  },
  'a provider without instrumentations, under Koa': {
    env: { FRAMEWORK: 'koa', MODULES: 'esm', FIRST: 'provider' },
    said: [joined, twice, again],
  },
  'a NodeSDK, started first, under Express and ES modules': {
    env: { FRAMEWORK: 'express', MODULES: 'esm', FIRST: 'sdk' },
    said: [joined, twice],
  },
  'all of auto-instrumentations-node, required first, under Koa and ES modules': {
    env: { FRAMEWORK: 'koa', MODULES: 'esm' },
    execArgv: ['--require', REGISTER],
    said: [joined, twice, again],
  },
  'all of auto-instrumentations-node with its loader, first, under Fastify and ES modules': {
    env: { FRAMEWORK: 'fastify', MODULES: 'esm' },
    execArgv: [
      '--no-warnings',
      '--import',
      REGISTER,
      '--experimental-loader',
      '@opentelemetry/instrumentation/hook.mjs',
    ],
    said: [joined, twice],
  },
  'their instrumentations, first, under Express and CommonJS': {
    env: { FRAMEWORK: 'express', MODULES: 'cjs', FIRST: 'instrumentations' },
    said: [twice, alone('undici'), alone('http')],
  },
  'their instrumentations, first, under Koa and CommonJS': {
    env: { FRAMEWORK: 'koa', MODULES: 'cjs', FIRST: 'instrumentations' },
    said: [twice, again, alone('undici'), alone('http')],
  },
  'their instrumentations and @fastify/otel, first, under CommonJS': {
    env: { FRAMEWORK: 'fastify', MODULES: 'cjs', FIRST: 'instrumentations' },
    said: [twice, alone('undici'), alone('http')],
  },
  'their instrumentations, handed to initTracing, under Koa and CommonJS': {
    env: { FRAMEWORK: 'koa', MODULES: 'cjs', GIVEN: 'yes' },
    said: [twice, again],
  },
  'a NodeSDK, started first, under Koa and CommonJS': {
    env: { FRAMEWORK: 'koa', MODULES: 'cjs', FIRST: 'sdk' },
    said: [joined, twice, again],
  },
  'all of auto-instrumentations-node, required first, under Express and CommonJS': {
    env: { FRAMEWORK: 'express', MODULES: 'cjs' },
    execArgv: ['--require', REGISTER],
    said: [joined, twice],
  },
};

for (const [name, { env, execArgv = [], query = 'SELECT', said }] of Object.entries(cases)) {
  test(`beside ${name}: one span and one header each, one trace (X6, X7)`, async () => {
    const recorded = await tracesOf({ env: { ...env, DATABASE_URL: database.url }, execArgv });
    expect(recorded.traces).toHaveLength(1);
    expect(recorded.traces[0]).toMatchTraceTree(orderTrace({ query }));
    expect(recorded.headers).toEqual([[single, single]]);
    expect(recorded.said).toEqual(said);
  });
}

test('their instrumentations on their provider, last: two CLIENT spans of the first fetch, one header, one warning (X7)', async () => {
  const { traces, headers, said } = await tracesOf({
    env: { FRAMEWORK: 'koa', MODULES: 'cjs', FIRST: 'provider', LAST: 'instrumentations' },
    orders: 2,
  });
  expect(traces).toHaveLength(2);
  expect(traces[0]).toMatchTraceTree(orderTrace({ extra: [{ kind: 'CLIENT', name: 'GET' }] }));
  expect(traces[1]).toMatchTraceTree(orderTrace());
  expect(headers).toEqual([
    [single, single],
    [single, single],
  ]);
  expect(said).toEqual([
    joined,
    twice,
    again,
    expect.stringContaining('another instrumentation traces fetch and undici too'),
  ]);
});

test.each(['fastify', 'koa', 'express'])(
  'no SDK at all, under %s: everything works, nothing is made and nothing is said',
  async (FRAMEWORK) => {
    const env = { FRAMEWORK, TRACING: 'none', DATABASE_URL: database.url };
    expect(await tracesOf({ env })).toEqual({ traces: [], headers: [[[], []]], said: [] });
  },
);

test('two copies of the kit: the plugin of one makes spans by the set-up of the other (X7)', async () => {
  const copy = await bundleKoaTracing();
  const { traces, headers, said } = await tracesOf({
    env: { FRAMEWORK: 'koa', MODULES: 'cjs', KOA_TRACING: copy },
  });
  expect(traces).toHaveLength(1);
  expect(traces[0]).toMatchTraceTree(orderTrace());
  expect(headers).toEqual([[single, single]]);
  expect(said).toEqual([twice, again]);
});

/** A copy of the Koa plugin with a core of its own, as a bundle or a second installation has it. */
async function bundleKoaTracing(): Promise<string> {
  const outfile = fileURLToPath(new URL('../node_modules/.copies/koa-tracing.cjs', import.meta.url));
  await build({
    entryPoints: [fileURLToPath(import.meta.resolve('@org/tracing-koa'))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['@opentelemetry/api', '@opentelemetry/exporter-trace-otlp-grpc'],
    define: { 'import.meta.url': 'copyUrl' },
    banner: { js: "const copyUrl = require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'error',
  });
  return outfile;
}
