import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import type { SpanRecord } from '@org/tracing-core';
import { describe, expect, onTestFinished, test } from 'vitest';

import { startOtlpReceiver } from '../otlp-receiver.ts';
import { type ServiceOptions, startService } from '../service-process.ts';
import { traceMatchers } from '../vitest.ts';

/** A plugin with what it is tried on. */
export interface RegisteredPlugin {
  /** Its package: `@org/tracing-koa`. */
  readonly plugin: string;
  /** The package of its framework. */
  readonly library: string;
  /** Names under which further versions of the framework are installed. */
  readonly versions: readonly string[];
  /** The plugin's own folder, built. */
  readonly folder: string;
  /**
   * The folder of services that listen, answer `GET /hello/:name` and `GET /health`, and call `NEXT_URL` in their first
   * hook or middleware, if there is one:
   *
   * - `untraced.mjs` knows nothing of tracing;
   * - `untraced.cjs` neither, and requires the framework that `LIBRARY` names;
   * - `explicit.mjs` calls `initTracing` and registers the plugin by itself;
   * - `in-a-thread.mjs` runs `untraced.mjs` in a worker thread.
   */
  readonly applications: string;
}

const HELLO = { kind: 'SERVER', name: 'GET /hello/:name' } as const;

/** One request of A's, which A passes on to B. */
const THREE_SPANS = {
  ...HELLO,
  service: 'A',
  children: [{ kind: 'CLIENT', name: 'GET', service: 'A', children: [{ ...HELLO, service: 'B' }] }],
} as const;

/** Loader hooks that change nothing, in Node's own thread: it runs what `--require` names as well. */
const OTHER_LOADER =
  "data:text/javascript,import { register } from 'node:module'; register('data:text/javascript,');";

const TWICE_TOLD = [
  /initTracing was called a second time/,
  /is registered for requests that an earlier registration of .* traces/,
];

/**
 * Registers the tests that every HTTP plugin has to pass where it is set up from outside of the application, by
 * `node --import @org/tracing-<plugin>/register`. Each starts processes.
 */
export function testRegisteredPlugin(tried: RegisteredPlugin): void {
  const { plugin, folder, applications } = tried;
  const register = `${plugin}/register`;
  expect.extend(traceMatchers);

  /** Sends A a request, which it passes on to B, both started in the same way. */
  async function tracedByTwo(file: string, options: Partial<ServiceOptions> = {}): Promise<Outcome> {
    await using receiver = await startOtlpReceiver();
    const start = (env: Readonly<Record<string, string>>): ReturnType<typeof startService> =>
      startService({
        entry: join(applications, file),
        cwd: folder,
        execArgv: ['--import', register],
        timeoutMillis: 30_000,
        ...options,
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...options.env, ...env },
      });
    await using b = await start({ OTEL_SERVICE_NAME: 'B' });
    await using a = await start({ OTEL_SERVICE_NAME: 'A', NEXT_URL: b.url });
    expect(await answer(`${a.url}/hello/first`)).toBe('200 hello first, hello next');
    expect(await answer(`${b.url}/health`)).toBe('200 well');
    const exits = [await a.stop(), await b.stop()];
    await receiver.settled();
    return { spans: receiver.spans, stderr: a.stderr + b.stderr, exits };
  }

  describe(`${register}, from outside of the application`, () => {
    test.each([
      ['an ES module with --import', 'untraced.mjs', ['--import', register]],
      ['CommonJS with --import', 'untraced.cjs', ['--import', register]],
      ['an ES module with --require', 'untraced.mjs', ['--require', register]],
      ['CommonJS with --require', 'untraced.cjs', ['--require', register]],
      [
        'an ES module with --require, beside a loader of another tool',
        'untraced.mjs',
        ['--no-deprecation', '--require', register, '--import', OTHER_LOADER],
      ],
      ['a worker thread', 'in-a-thread.mjs', ['--import', register]],
      [
        'a service for which it is given twice',
        'untraced.cjs',
        ['--require', register, '--import', register, '--import', register],
      ],
    ])('traces %s: exactly three spans, nothing said, the same end', async (_what, file, execArgv) => {
      const { spans, stderr, exits } = await tracedByTwo(file, { execArgv });
      expect(stderr).toBe('');
      expect(spans).toMatchTraceTree(THREE_SPANS);
      expect(spans).toBeContinuous();
      const end = { code: null, signal: 'SIGTERM' };
      expect(exits).toEqual([end, end]);
    });

    test.each(tried.versions)('traces %s', async (version) => {
      const { spans, stderr } = await tracedByTwo('untraced.cjs', { env: { LIBRARY: version } });
      expect(stderr).toBe('');
      expect(spans).toMatchTraceTree(THREE_SPANS);
    });

    test('a service that registers the plugin by itself is traced once, and both services are told so', async () => {
      const { spans, stderr } = await tracedByTwo('explicit.mjs');
      expect(spans).toMatchTraceTree(THREE_SPANS);
      const lines = stderr.trim().split('\n');
      expect(lines).toHaveLength(4);
      for (const told of TWICE_TOLD) expect(lines.filter((line) => told.test(line))).toHaveLength(2);
    });

    test('OTEL_NODE_EXCLUDED_URLS holds: nothing is traced, nor what is called', async () => {
      const { spans } = await tracedByTwo('untraced.mjs', { env: { OTEL_NODE_EXCLUDED_URLS: '^/hello/' } });
      expect(spans).toMatchTraceTree([{ kind: 'SERVER', name: 'GET /health', service: 'B' }]);
    });

    test('values of variables that are not known are told, and the service is traced', async () => {
      const { spans, stderr } = await tracedByTwo('untraced.mjs', {
        env: {
          OTEL_NODE_EXCLUDED_URLS: '(',
          OTEL_TRACES_SAMPLER: 'sometimes',
          OTEL_PROPAGATORS: 'pigeon,tracecontext',
        },
      });
      expect(spans).toMatchTraceTree(THREE_SPANS);
      for (const name of ['OTEL_NODE_EXCLUDED_URLS', 'OTEL_TRACES_SAMPLER', 'OTEL_PROPAGATORS']) {
        expect(stderr).toContain(name);
      }
    });

    test('OTEL_SDK_DISABLED leaves the service as it is', async () => {
      const { spans, stderr } = await tracedByTwo('untraced.mjs', { env: { OTEL_SDK_DISABLED: 'true' } });
      expect(stderr).toBe('');
      expect(spans).toEqual([]);
    });

    test('an application is traced where the plugin finds no framework of its own', async () => {
      const copied = pathToFileURL(copyPlugin(tried, emptyFolder())).href;
      const env = { NODE_PATH: undefined };
      const { spans, stderr } = await tracedByTwo('untraced.cjs', { execArgv: ['--import', copied], env });
      expect(stderr).toBe('');
      expect(spans).toMatchTraceTree(THREE_SPANS);
    });

    test('a server without the framework runs as it did, and is told once that nothing of it is traced', async () => {
      const elsewhere = emptyFolder();
      const entry = join(elsewhere, 'program.cjs');
      writeFileSync(entry, PLAIN);
      const execArgv = ['--import', pathToFileURL(copyPlugin(tried, elsewhere)).href];
      await using service = await startService({ entry, execArgv, env: ALONE });
      for (const _each of [1, 2]) expect(await answer(service.url)).toBe('200 plain');
      await service.stop();
      const { port } = new URL(service.url);
      const told = `a request came to port ${port}, and ${register} has met nothing to trace in this process`;
      expect(service.stderr).toBe(`[tracing] warning: ${told}\n`);
      expect(service.stdout.trim().split('\n')).toHaveLength(1);
    });

    test('a program that serves no requests has nothing said to it, whether the framework is there or not', async () => {
      const elsewhere = emptyFolder();
      const program = join(elsewhere, 'program.cjs');
      writeFileSync(program, SCRIPT);
      for (const options of [
        ['--import', register],
        ['--import', pathToFileURL(copyPlugin(tried, elsewhere)).href],
      ]) {
        const env = { ...process.env, ...ALONE };
        const run = await execute(process.execPath, [...options, program], { cwd: folder, env });
        expect(run).toEqual({ stdout: 'done\n', stderr: '' });
      }
    });
  });
}

/** pnpm lets what it runs find more by NODE_PATH than is installed there. */
const ALONE = { OTEL_TRACES_EXPORTER: 'none', NODE_PATH: undefined };

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tracing-register-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface Outcome {
  readonly spans: readonly SpanRecord[];
  readonly stderr: string;
  readonly exits: readonly unknown[];
}

const PLAIN = `
const server = require('node:http').createServer((request, response) => response.end('plain'));
server.listen(0, '127.0.0.1', () => console.log('listening on http://127.0.0.1:' + server.address().port));
`;

const SCRIPT = `
const server = require('node:http').createServer();
server.listen(0, '127.0.0.1', () => server.close(() => console.log('done')));
`;

const execute = promisify(execFile);

async function answer(url: string): Promise<string> {
  const response = await fetch(url);
  return `${response.status} ${await response.text()}`;
}

/** The plugin with what it depends on, but not its framework. Returns the file to import. */
function copyPlugin({ plugin, library, folder }: RegisteredPlugin, elsewhere: string): string {
  const copy = join(elsewhere, 'node_modules', plugin);
  mkdirSync(copy, { recursive: true });
  for (const part of ['dist', 'package.json'])
    cpSync(join(folder, part), join(copy, part), { recursive: true });
  const { dependencies, peerDependencies } = createRequire(join(folder, 'package.json'))(
    './package.json',
  ) as Manifest;
  for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
    if (name === library) continue;
    const link = join(elsewhere, 'node_modules', name);
    mkdirSync(join(link, '..'), { recursive: true });
    symlinkSync(realpathSync(join(folder, 'node_modules', name)), link, 'junction');
  }
  return join(copy, 'dist/register.js');
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}
