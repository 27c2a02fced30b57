import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import type { DoctorReport } from '@org/tracing-core';
import { startOtlpReceiver } from '@org/tracing-testing';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';

import { bundle } from '../src/bundle.ts';
import { outsideProject, type OutsideProject, versionsHere } from '../src/outside-project.ts';

const INSTALL_MILLIS = 300_000;

/** The library, its plugin, and how the one is given to the other. */
const USES = [
  ['express', 'expressTracing', `import express from 'express'; express()`, '.use(expressTracing())'],
  [
    'fastify',
    'fastifyTracing',
    `import fastify from 'fastify'; await fastify()`,
    '.register(fastifyTracing)',
  ],
  ['koa', 'koaTracing', `import Koa from 'koa'; new Koa()`, '.use(koaTracing())'],
  ['pg', 'tracePg', `import pg from 'pg'; pg`, '; tracePg(pg)'],
] as const;

/** Without what pnpm has set for this test, of which npm knows nothing. */
function environment(variables: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:OTEL_|NODE_PATH|npm_config_)/i.test(name),
  );
  return { ...Object.fromEntries(kept), ...variables };
}

/** What a program that prints its report says. */
function reportOf(entry: string): DoctorReport {
  return JSON.parse(execFileSync(process.execPath, [entry], { encoding: 'utf8', env: environment() }));
}

interface Run {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command that is installed; npx is to fetch nothing. */
async function npxDoctor(
  cwd: string,
  flag: string,
  variables?: Readonly<Record<string, string>>,
): Promise<Run> {
  const child = spawn('npx', ['--no', '--', 'tracing-doctor', flag], {
    cwd,
    env: environment(variables),
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<unknown[]>,
  ]);
  return { code, stdout, stderr };
}

describe('an application that npm has installed', () => {
  let project: OutsideProject;
  beforeAll(() => {
    const tarballs = inject('tarballs');
    project = outsideProject({
      packageManager: 'npm',
      ours: Object.keys(tarballs),
      theirs: versionsHere('@opentelemetry/api', 'express', 'fastify', 'koa', 'pg'),
      tarballs,
    });
  }, INSTALL_MILLIS);
  afterAll(() => project?.[Symbol.dispose]());

  function program(library: string, name: string, load: string, use: string): string {
    return `
      import { doctor, ${name} } from '@org/tracing-${library}';
      import { initTracing } from '@org/tracing-core';
      ${load}${use};
      initTracing({ serviceName: 'shop', exporter: 'console' });
      process.stdout.write(JSON.stringify(await doctor()));`;
  }

  test.each(USES)('untraced: %s is loaded, and its plugin is not registered', (library, name, load) => {
    const report = reportOf(project.write(`${library}-bare.mjs`, program(library, name, load, '')));
    expect(report.untraced.map((copy) => copy.name)).toEqual([library]);
    expect(report.findings).toContainEqual({
      level: 'problem',
      code: 'untraced',
      message: expect.stringMatching(
        new RegExp(`^${library} [\\d.]+ is loaded, and @org/tracing-${library} is not registered`),
      ),
      advice: expect.any(String),
    });
  });

  test.each(USES)('%s with its plugin is traced', (library, name, load, use) => {
    const report = reportOf(project.write(`${library}-traced.mjs`, program(library, name, load, use)));
    expect(report.untraced).toEqual([]);
    expect(report.traced.plugins.map((plugin) => plugin.name)).toEqual([`@org/tracing-${library}`]);
  });

  test('packages-unseen: a bundle says what it cannot see', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tracing-bundle-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [use] = USES;
    const entry = project.write('bundled.mjs', program(...use));
    await bundle(entry, join(folder, 'bundle.mjs'), 'esm');
    const { core, api, findings, traced } = reportOf(join(folder, 'bundle.mjs'));
    expect(findings.map(({ code }) => code)).toContain('packages-unseen');
    expect(core).toEqual([{ name: '@org/tracing-core', version: expect.any(String), folder: 'bundle' }]);
    expect(api.copies).toEqual([]);
    expect(traced.plugins.map(({ name }) => name)).toEqual(['@org/tracing-express']);
  });

  test('npx tracing-doctor --probe asks the collector that the environment names', async () => {
    await using receiver = await startOtlpReceiver();
    const { code, stdout, stderr } = await npxDoctor(project.folder, '--probe', {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    });
    expect(stderr).toBe('');
    expect(stdout).toContain(`tracing-doctor: no problems, no notes in`);
    expect(stdout).toContain(`✓ ${receiver.url}/v1/traces answered 200`);
    expect(code).toBe(0);
  });
});

test(
  'npx tracing-doctor is there where pnpm has installed a plugin alone',
  async () => {
    using project = outsideProject({
      packageManager: 'pnpm',
      ours: ['@org/tracing-koa'],
      theirs: versionsHere('@opentelemetry/api', 'koa'),
      tarballs: inject('tarballs'),
    });
    const { code, stdout, stderr } = await npxDoctor(project.folder, '--json');
    expect(stderr).toBe('');
    const report: DoctorReport = JSON.parse(stdout);
    expect(report.core.map(({ name }) => name)).toEqual(['@org/tracing-core']);
    expect(report.traced.plugins.map(({ name }) => name)).toEqual(['@org/tracing-koa']);
    expect(report.untraced).toEqual([]);
    expect(report.healthy).toBe(true);
    expect(code).toBe(0);
  },
  INSTALL_MILLIS,
);
