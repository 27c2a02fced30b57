import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { PEERS } from '../modules.ts';
import type { Scenario, ScenarioResult } from '../scenario.ts';

/** What an installation takes. */
export interface Installation {
  readonly kilobytes: number;
  readonly packages: number;
}

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** What the service has whether it is traced or not. */
const APPLICATION = ['fastify', 'pg'];

/** What each tracer is installed with for that application, as its documentation says. */
const SETUPS: Readonly<Record<string, readonly string[]>> = {
  untraced: [],
  kit: ['@opentelemetry/api', '@org/tracing-fastify', '@org/tracing-pg'],
  stock: [
    '@opentelemetry/api',
    '@opentelemetry/sdk-trace-node',
    '@opentelemetry/resources',
    '@opentelemetry/exporter-trace-otlp-proto',
    '@opentelemetry/instrumentation',
    '@opentelemetry/instrumentation-http',
    '@opentelemetry/instrumentation-undici',
    '@opentelemetry/instrumentation-pg',
    '@fastify/otel',
  ],
  'stock-sdk-node': [
    '@opentelemetry/api',
    '@opentelemetry/sdk-node',
    '@opentelemetry/instrumentation-http',
    '@opentelemetry/instrumentation-undici',
    '@opentelemetry/instrumentation-pg',
    '@fastify/otel',
  ],
  auto: ['@opentelemetry/api', '@opentelemetry/auto-instrumentations-node'],
  'dd-trace': ['dd-trace'],
  sentry: ['@sentry/node'],
};

/** What is on the disk after `npm install`, beyond the application's own packages. */
export const installedSizeScenario: Scenario = {
  name: 'installed-size',
  async run({ say }) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-install-'));
    try {
      const kit = packKit(folder);
      const installed = Object.entries(SETUPS).map(([setup, names]) => {
        say(`installing ${setup}`);
        return { setup, ...install(join(folder), setup, [...APPLICATION, ...names], kit) };
      });
      const text =
        'A service of Fastify and pg, installed by `npm install` with the tracer, beyond the same without; install scripts off.';
      return [
        {
          name: 'installed-size',
          title: 'Installed size',
          text: `${text} Sums of the sizes of all files.`,
          unit: 'KB',
          beyondUntraced: true,
          measurements: installed.map(({ setup, kilobytes }) => ({ setup, values: [kilobytes] })),
        },
        {
          name: 'installed-size-packages',
          title: 'Installed packages',
          text,
          unit: 'packages',
          beyondUntraced: true,
          measurements: installed.map(({ setup, packages }) => ({ setup, values: [packages] })),
        },
      ] satisfies readonly ScenarioResult[];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Packs the published packages. @returns What npm is told of each, by name. */
function packKit(folder: string): Readonly<Record<string, string>> {
  const args = ['--recursive', '--filter', './packages/*', 'pack', '--pack-destination', folder];
  execFileSync('pnpm', args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  return Object.fromEntries(
    readdirSync(join(ROOT, 'packages')).map((short) => {
      const { name, version } = manifestIn(join(ROOT, 'packages', short));
      const tarball = `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
      return [name, `file:${join(folder, tarball)}`];
    }),
  );
}

function install(
  folder: string,
  setup: string,
  names: readonly string[],
  kit: Readonly<Record<string, string>>,
): Installation {
  const project = mkdtempSync(join(folder, `${setup}-`));
  const versions = names.map((name) => [
    name,
    kit[name] ?? manifestIn(join(PEERS, 'node_modules', name)).version,
  ]);
  const manifest = { private: true, dependencies: Object.fromEntries(versions), overrides: kit };
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
  const args = [
    'install',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    '--loglevel=error',
  ];
  execFileSync('npm', args, { cwd: project, stdio: ['ignore', 'ignore', 'inherit'] });
  return measureInstallation(project);
}

/** Sums up the `node_modules` that npm has written in a project. */
export function measureInstallation(project: string): Installation {
  const modules = join(project, 'node_modules');
  const files = readdirSync(modules, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const bytes = files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
  const lock = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')) as { packages: object };
  return { kilobytes: bytes / 1000, packages: Object.keys(lock.packages).length };
}

function manifestIn(folder: string): { readonly name: string; readonly version: string } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string; version: string };
}
