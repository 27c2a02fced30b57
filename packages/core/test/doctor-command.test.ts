import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

import type { DoctorReport } from '../src/doctor/doctor-report.ts';
import { nodeFinding, OLDEST_NODE } from '../src/doctor/package-findings.ts';
import { version } from '../src/version.ts';
import { complaints, finding } from './support/codes.ts';
import { installWithout } from './support/install-without.ts';
import { deadEndpoint, otlpSink } from './support/otlp-sink.ts';

const PACKAGE = dirname(fileURLToPath(new URL('.', import.meta.url)));
const API_VERSION = '1.9.1';

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command, of the package as it is built or of an installed one, in a folder. */
async function run(
  folder: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  core = PACKAGE,
): Promise<Run> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:OTEL_|NODE_)/.test(name));
  const child = spawn(process.execPath, [join(core, 'dist/tracing-doctor.js'), ...args], {
    cwd: folder,
    env: { ...Object.fromEntries(kept), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}

async function reportOf(
  folder: string,
  args: readonly string[] = [],
  environment?: Readonly<Record<string, string>>,
  core?: string,
): Promise<DoctorReport> {
  return JSON.parse((await run(folder, ['--json', ...args], environment, core)).stdout);
}

/** Versions by the folders that packages stand in, below the project. */
type Packages = Readonly<Record<string, string>>;

const KIT: Packages = { '@org/tracing-core': version, '@opentelemetry/api': API_VERSION };

/** As every package has that makes spans. */
const PEERS = { '@opentelemetry/api': '^1.0.0' };

/** A project with packages, of which there is nothing but what the doctor reads. */
function project(dependencies: Readonly<Record<string, string>>, packages: Packages): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tracing-project-')));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'shop', dependencies }));
  for (const [place, packageVersion] of Object.entries(packages)) {
    const at = join(folder, 'node_modules', place);
    mkdirSync(at, { recursive: true });
    writeFileSync(
      join(at, 'package.json'),
      JSON.stringify({ version: packageVersion, exports: {}, peerDependencies: PEERS }),
    );
  }
  return folder;
}

test('a whole report of a folder', async () => {
  const sink = await otlpSink();
  const folder = project(
    { fastify: '^5.0.0' },
    { ...KIT, fastify: '5.1.0', '@org/tracing-fastify': version },
  );
  const report = await reportOf(folder, ['--probe'], {
    OTEL_SERVICE_NAME: 'shop',
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  });
  const url = `${sink.url}/v1/traces`;
  expect(report).toEqual({
    healthy: true,
    view: 'folder',
    folder,
    findings: [
      { level: 'ok', code: 'node', message: `Node ${process.versions.node} is new enough` },
      { level: 'ok', code: 'api', message: `@opentelemetry/api is ${API_VERSION}` },
      {
        level: 'ok',
        code: 'service',
        message: 'The environment calls the service shop; a `serviceName` in code wins over it',
      },
      { level: 'ok', code: 'sampler', message: 'Every trace that begins here is recorded' },
      { level: 'ok', code: 'endpoint', message: `Spans go to ${url} as http/json` },
      { level: 'ok', code: 'propagators', message: 'Context travels as tracecontext, baggage' },
      { level: 'ok', code: 'plugins', message: `Installed: @org/tracing-fastify ${version}` },
      { level: 'ok', code: 'probe', message: expect.stringMatching(/^http:.* answered 200 in \d+ ms$/) },
    ],
    node: process.versions.node,
    core: [{ name: '@org/tracing-core', version, folder: join(folder, 'node_modules/@org/tracing-core') }],
    api: {
      copies: [
        {
          name: '@opentelemetry/api',
          version: API_VERSION,
          folder: join(folder, 'node_modules/@opentelemetry/api'),
        },
      ],
    },
    service: 'shop',
    sampler: 'parentbased_always_on',
    propagators: ['tracecontext', 'baggage'],
    exporters: [{ name: 'otlp', url, protocol: 'http/json' }],
    traced: { plugins: [{ name: '@org/tracing-fastify', version }], instrumentations: [] },
    untraced: [],
    probe: { url, connected: true, status: 200, millis: expect.any(Number) },
  });
});

test('the text for people has what is wrong first, and the exit code is 1 with a problem', async () => {
  const folder = project({ koa: '^3.0.0' }, { ...KIT, koa: '3.0.1' });
  const endpoint = await deadEndpoint();
  const { stdout, stderr, code } = await run(folder, ['--probe'], { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
  const address = endpoint.replace('http://', '');
  expect(stdout.replaceAll(/\d+ ms/g, 'N ms').split('\n')).toEqual([
    `tracing-doctor: 2 problems, no notes in ${folder}`,
    '',
    '✗ The project asks for koa (3.0.1 is installed), and has no @org/tracing-koa: it makes no spans',
    '  → npm install @org/tracing-koa, and register it as its README says.',
    `✗ ${endpoint}/v1/traces: connect ECONNREFUSED ${address}`,
    '  → Nobody listens there. Is the collector running, and does it listen on this address and port? In a container, localhost is the container.',
    `✓ Node ${process.versions.node} is new enough`,
    `✓ @opentelemetry/api is ${API_VERSION}`,
    '✓ Every trace that begins here is recorded',
    `✓ Spans go to ${endpoint}/v1/traces as http/protobuf`,
    '✓ Context travels as tracecontext, baggage',
    '',
    `node         ${process.versions.node}`,
    `core         @org/tracing-core ${version} in ${folder}/node_modules/@org/tracing-core`,
    `api          @opentelemetry/api ${API_VERSION} in ${folder}/node_modules/@opentelemetry/api`,
    'propagators  tracecontext, baggage',
    expect.stringMatching(/^sampler {6}parentbased_always_on/),
    `exporter     otlp http/protobuf ${endpoint}/v1/traces`,
    'traced       none',
    `not traced   koa 3.0.1 in ${folder}/node_modules/koa`,
    `probe        ${endpoint}/v1/traces connect ECONNREFUSED ${address}, N ms`,
    '',
    'Seen from outside: packages, and the variables of this shell. What holds in a running program, that tells by `doctor()`.',
    '',
  ]);
  expect({ stderr, code }).toEqual({ stderr: '', code: 1 });
  // docs/doctor.md shows it, up to where it is cut.
  const document = readFileSync(join(PACKAGE, '../../docs/doctor.md'), 'utf8');
  const [, shown = ''] = /^```text\n([^]*?)^…$/m.exec(document) ?? [];
  const asShown = stdout
    .replace(folder, '/srv/shop')
    .replaceAll(endpoint, 'http://localhost:4318')
    .replaceAll(address, '127.0.0.1:4318')
    .replace(process.versions.node, '22.20.0');
  expect(asShown.slice(0, shown.length)).toBe(shown);
});

test('the exit code is 0 without a problem, also in a folder below that of the project', async () => {
  const folder = project({}, KIT);
  mkdirSync(join(folder, 'src/deep'), { recursive: true });
  const { stdout, code } = await run(join(folder, 'src/deep'), []);
  expect(stdout).toContain(`in ${folder}\n`);
  expect(code).toBe(0);
});

test('without --probe nothing is sent', async () => {
  const sink = await otlpSink();
  await run(project({}, KIT), [], { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url });
  expect(sink.received).toEqual([]);
});

test('--help says how it is used; what it does not know ends with 2 and says so', async () => {
  const folder = project({}, KIT);
  const help = await run(folder, ['--help']);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toMatch(/^Usage: tracing-doctor \[--probe\] \[--json\]\n/);
  for (const wrong of ['--prob', 'server.js']) {
    const { code, stdout, stderr } = await run(folder, [wrong]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(wrong);
    expect(stderr).toContain(help.stdout);
  }
});

test('kit-missing: nothing of the kit is installed', async () => {
  expect(complaints(await reportOf(project({}, {})))).toContain('kit-missing');
});

test('api-missing: the kit is installed without the API', async () => {
  expect(complaints(await reportOf(project({}, { '@org/tracing-core': version })))).toContain('api-missing');
});

test('core is found below a plugin, where pnpm keeps it', async () => {
  const folder = project({}, {});
  const store = join(folder, 'node_modules/.pnpm/koa-plugin/node_modules');
  for (const [name, packageVersion] of Object.entries({ ...KIT, '@org/tracing-koa': version })) {
    mkdirSync(join(store, name), { recursive: true });
    writeFileSync(join(store, name, 'package.json'), JSON.stringify({ version: packageVersion }));
  }
  mkdirSync(join(folder, 'node_modules/@org'));
  symlinkSync(join(store, '@org/tracing-koa'), join(folder, 'node_modules/@org/tracing-koa'));
  const report = await reportOf(folder);
  expect(report.core.map((copy) => copy.folder)).toEqual([join(store, '@org/tracing-core')]);
  expect(report.api.copies.map((copy) => copy.folder)).toEqual([join(store, '@opentelemetry/api')]);
});

test('a package of the project that brings the kit counts, as in a monorepo', async () => {
  const folder = project({ koa: '^3.0.0', '@shop/telemetry': '*' }, { koa: '3.0.1' });
  const telemetry = project(
    { '@org/tracing-koa': '*' },
    {
      '@org/tracing-koa': version,
      '@org/tracing-koa/node_modules/@org/tracing-core': version,
      '@opentelemetry/api': API_VERSION,
    },
  );
  mkdirSync(join(folder, 'node_modules/@shop'));
  symlinkSync(telemetry, join(folder, 'node_modules/@shop/telemetry'));
  const report = await reportOf(folder);
  expect(complaints(report)).toEqual(['exporter-console']);
  expect(report.traced.plugins.map(({ name }) => name)).toEqual(['@org/tracing-koa']);
});

test("the packages of other services are not this one's, which pnpm's script around the command adds", async () => {
  const folder = project({ koa: '^3.0.0' }, { ...KIT, koa: '3.0.1' });
  const others = project(
    {},
    {
      '.pnpm/node_modules/@org/tracing-koa': version,
      '.pnpm/node_modules/@org/tracing-koa/node_modules/@opentelemetry/api': '1.12.0',
    },
  );
  const report = await reportOf(folder, [], { NODE_PATH: join(others, 'node_modules/.pnpm/node_modules') });
  expect(report.untraced.map(({ name }) => name)).toEqual(['koa']);
  expect(report.api.copies.map((copy) => copy.version)).toEqual([API_VERSION]);
});

test('what NODE_PATH names otherwise is found, as by the program', async () => {
  const shared = project({}, KIT);
  const report = await reportOf(project({}, {}), [], { NODE_PATH: join(shared, 'node_modules') });
  expect(complaints(report)).not.toContain('kit-missing');
});

test('core-copies: two versions of the kit are installed', async () => {
  const packages = { '@org/tracing-pg': '0.0.9', '@org/tracing-pg/node_modules/@org/tracing-core': '0.0.9' };
  expect(finding(await reportOf(project({}, { ...KIT, ...packages })), 'core-copies')?.message).toContain(
    '0.0.9',
  );
});

test("api-blind: the project's API is newer than the one that core has", async () => {
  const packages = {
    '@opentelemetry/api': '1.12.0',
    '@org/tracing-core/node_modules/@opentelemetry/api': '1.9.1',
  };
  const report = await reportOf(project({}, { ...KIT, ...packages }));
  expect(finding(report, 'api-blind')?.message).toMatch(/^@opentelemetry\/api 1\.9\.1 .* which 1\.12\.0 in /);
  expect(report.healthy).toBe(false);
});

test("api-copies: an older one, that of a package below the project's own telemetry", async () => {
  const folder = project(
    { '@opentelemetry/instrumentation-redis': '^0.50.0' },
    {
      ...KIT,
      '@opentelemetry/instrumentation-redis': '0.50.0',
      '@opentelemetry/instrumentation-redis/node_modules/@opentelemetry/api': '1.4.0',
    },
  );
  expect(finding(await reportOf(folder), 'api-copies')?.message).toContain('1.4.0');
});

test("a newer API in pnpm's store, for a package that asks for none, is no copy", async () => {
  const name = '@opentelemetry/semantic-conventions';
  const folder = project({ [name]: '^1.0.0' }, KIT);
  const store = join(folder, 'node_modules/.pnpm');
  const packages = {
    [`conventions/node_modules/${name}`]: '1.40.0',
    'node_modules/@opentelemetry/api': '1.12.0',
  };
  for (const [place, packageVersion] of Object.entries(packages)) {
    mkdirSync(join(store, place), { recursive: true });
    writeFileSync(join(store, place, 'package.json'), JSON.stringify({ version: packageVersion }));
  }
  symlinkSync(join(store, 'conventions/node_modules', name), join(folder, 'node_modules', name));
  const report = await reportOf(folder);
  expect(report.api.copies.map((copy) => copy.version)).toEqual([API_VERSION]);
});

test.each(['express', 'fastify', 'koa', 'pg'])(
  'untraced: %s is asked for and installed without its plugin',
  async (library) => {
    const report = await reportOf(project({ [library]: '*' }, { ...KIT, [library]: '9.9.9' }));
    expect(report.untraced.map(({ name }) => name)).toEqual([library]);
    expect(finding(report, 'untraced')?.message).toContain(`has no @org/tracing-${library}`);
  },
);

test.each([
  ['another package alone asks for it', {}],
  ["upstream's instrumentation is there", { pg: '*', '@opentelemetry/instrumentation-pg': '*' }],
  ["all of upstream's are there", { pg: '*', '@opentelemetry/auto-instrumentations-node': '*' }],
])('a library is not missed where %s', async (_, dependencies) => {
  expect((await reportOf(project(dependencies, { ...KIT, pg: '8.1.0' }))).untraced).toEqual([]);
});

test('plugins-none: no plugin is installed', async () => {
  expect(complaints(await reportOf(project({}, KIT)))).toEqual(['exporter-console', 'plugins-none']);
});

test('grpc-package: gRPC is asked for, and its package is nowhere', async () => {
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  const folder = installWithout('exporter-trace-otlp-grpc');
  writeFileSync(join(folder, 'package.json'), '{}');
  const without = join(folder, 'node_modules/@org/tracing-core');
  expect(complaints(await reportOf(folder, [], environment, without))).toContain('grpc-package');
  expect(complaints(await reportOf(PACKAGE, [], environment))).not.toContain('grpc-package');
});

test('node-version: too old', () => {
  expect([nodeFinding('20.18.3'), nodeFinding('18.20.0')].map(({ level }) => level)).toEqual([
    'problem',
    'problem',
  ]);
  expect([nodeFinding('20.19.0'), nodeFinding('26.0.0')].map(({ level }) => level)).toEqual(['ok', 'ok']);
});

test('node-version: the oldest Node is the one that package.json asks for', () => {
  const { engines } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'));
  expect(engines.node).toBe(`>=${OLDEST_NODE}`);
});
