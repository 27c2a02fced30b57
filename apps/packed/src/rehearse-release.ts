// `pnpm release:rehearse`: a whole release of a copy of this repository, to a registry on this machine.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startLocalRegistry } from './local-registry.ts';
import { outsideProject, versionsHere } from './outside-project.ts';
import { releaseCopy } from './release-copy.ts';
import { smokeTest } from './smoke-test.ts';

const LIBRARIES = ['@koa/router', '@opentelemetry/api', 'express', 'fastify', 'koa', 'pg'];

const OUTPUT_BYTES = 64 * 1024 * 1024;

const folder = mkdtempSync(join(tmpdir(), 'tracing-rehearsal-'));
try {
  await rehearse();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function rehearse(): Promise<void> {
  await using registry = await startLocalRegistry(join(folder, 'registry'));
  using copy = releaseCopy();
  const run = (script: string, env?: NodeJS.ProcessEnv): void => runScript(copy.folder, script, env);

  run('version-packages');
  const packages = copy.packages();
  const version = packages[0]?.version ?? '';
  say(`pnpm version-packages: ${packages.length} packages have version ${version}`);
  execFileSync('git', ['commit', '--quiet', '--all', '--message=Version'], { cwd: copy.folder });

  run('release', {
    npm_config_registry: registry.url,
    npm_config_userconfig: registry.userConfig,
    npm_config_provenance: 'false',
  });
  for (const { name } of packages) {
    const published = await publishedVersion(registry.url, name);
    if (published !== version) throw new Error(`${name} is published as ${published}, not as ${version}.`);
    say(`pnpm release: ${name} ${published} is published`);
  }

  for (const packageManager of ['npm', 'pnpm'] as const) {
    using project = outsideProject({
      packageManager,
      ours: packages.map(({ name }) => name),
      theirs: versionsHere(...LIBRARIES),
      published: { registry: registry.url, version, store: join(folder, 'store') },
    });
    say(`${packageManager} install: all ${packages.length} packages`);
    const bins = [...new Set(packages.flatMap((each) => each.bins))];
    for (const line of await smokeTest(project, bins)) say(`${packageManager}: ${line}`);
  }
  say(`The release of ${version} is rehearsed`);
}

/** @throws Error when the script fails; what it printed is on stderr. */
function runScript(cwd: string, script: string, env: NodeJS.ProcessEnv = {}): void {
  const { status, stdout, stderr, error } = spawnSync('pnpm', ['run', script], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: OUTPUT_BYTES,
  });
  if (status === 0) return;
  process.stderr.write(`${stdout}${stderr}`);
  throw new Error(`pnpm ${script} failed${error ? `: ${error.message}` : ''}; what it printed is above.`);
}

async function publishedVersion(registry: string, name: string): Promise<string | undefined> {
  const response = await fetch(`${registry}/${name.replace('/', '%2f')}`);
  const { 'dist-tags': tags } = (await response.json()) as { 'dist-tags'?: Record<string, string> };
  return tags?.['latest'];
}

function say(line: string): void {
  console.log(`✓ ${line}`);
}
