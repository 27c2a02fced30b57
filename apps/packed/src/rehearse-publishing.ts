import { strict as assert } from 'node:assert';
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';

import { type LocalRegistry, startLocalRegistry } from './local-registry.ts';
import type { ReleaseCopy } from './release-copy.ts';

/** The publication that the registry refuses, the first time. */
const REFUSED = 4;

const OUTPUT_BYTES = 64 * 1024 * 1024;

/** Where the copy says that it comes from. There is no such place. */
const WORKFLOW = {
  GITHUB_SERVER_URL: 'https://forge.example',
  GITHUB_REPOSITORY: 'someone/tracing',
};
const PAGE = 'https://forge.example/someone/tracing';

/** What was published, where. */
export interface Rehearsal extends AsyncDisposable {
  readonly registry: LocalRegistry;
  readonly version: string;
  readonly names: readonly string[];
}

/**
 * Publishes everything of a copy: turns its changesets into versions, releases, breaks, releases again.
 *
 * @param folder Where the registry keeps what it gets, and the remote that gets the tags.
 * @param say Gets a line for each thing that was seen to be so.
 */
export async function rehearsePublishing(
  copy: ReleaseCopy,
  folder: string,
  say: (line: string) => void,
): Promise<Rehearsal> {
  const registry = await startLocalRegistry(join(folder, 'registry'), REFUSED);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    npm_config_registry: registry.url,
    npm_config_userconfig: registry.userConfig,
    npm_config_provenance: 'false',
    // Nobody's name, as in a workflow.
    GIT_CONFIG_GLOBAL: devNull,
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
  };
  const run = (script: string, more: NodeJS.ProcessEnv = WORKFLOW): Promise<Outcome> =>
    outcomeOf(copy.folder, 'pnpm', ['run', script], { ...env, GITHUB_REPOSITORY: undefined, ...more });
  const plan = async (): Promise<string> => {
    const text = succeed(await outcomeOf(copy.folder, 'node', ['scripts/release-plan.mjs'], env));
    assert.equal(lastLine(join(folder, 'output')), `unpublished=${!text.startsWith('Nothing')}`);
    return text;
  };
  execFileSync('git', ['init', '--quiet', '--bare', 'origin.git'], { cwd: folder });
  copy.git('remote', 'add', 'origin', join(folder, 'origin.git'));
  assert.match(await plan(), /^Nothing to publish: no version has been given yet\.$/m);

  succeed(await run('version-packages'));
  copy.commit('Version');
  const packages = copy.packages();
  const names = packages.map(({ name }) => name);
  const version = packages[0]?.version ?? '';
  say(`pnpm version-packages: ${names.length} packages have version ${version}`);
  const published = async (): Promise<string[]> => {
    const all = await Promise.all(names.map((name) => documentOf(registry, name)));
    return names.filter((_name, index) => all[index]?.versions?.[version] !== undefined);
  };

  assert.match(
    fail(await run('release', {})),
    /Where is this repository on the web\?.*git remote set-url origin/,
  );
  assert.deepEqual(await published(), []);
  say('pnpm release: without an address of the repository nothing is published');

  const broken = fail(await run('release'));
  const first = await published();
  const rest = names.filter((name) => !first.includes(name));
  assert.equal(first.length, REFUSED - 1);
  for (const name of rest) assert.match(broken, new RegExp(`Not published: .*${name}\\b`));
  assert.deepEqual([copy.git('status', '--porcelain'), copy.git('tag')], ['', '']);
  for (const name of rest) assert.match(await plan(), new RegExp(`^To publish: ${name} ${version}$`, 'm'));
  assert.equal((await plan()).trim().split('\n').length, rest.length);
  say(`pnpm release: broken after ${first.join(', ')}`);

  const before = await Promise.all(first.map((name) => documentOf(registry, name)));
  succeed(await run('release'));
  assert.deepEqual(await published(), names);
  assert.deepEqual(await Promise.all(first.map((name) => documentOf(registry, name))), before);
  copy.git('push', '--quiet', 'origin', '--tags');
  const tags = names.map((name) => `${name}@${version}`);
  assert.deepEqual(copy.git('tag').trim().split('\n'), tags);
  assert.equal(copy.git('status', '--porcelain'), '');
  say(`pnpm release, again: the rest is published, and all ${tags.length} are tagged`);

  const all = await Promise.all(names.map((name) => documentOf(registry, name)));
  for (const [index, { name, path }] of packages.entries()) {
    const { readme = '', versions } = all[index] ?? {};
    const { homepage, bugs, repository } = versions?.[version] ?? {};
    assert.deepEqual(
      { homepage, bugs, repository },
      {
        homepage: `${PAGE}/tree/HEAD/${path}#readme`,
        bugs: { url: `${PAGE}/issues` },
        repository: { type: 'git', url: `git+${PAGE}.git`, directory: path },
      },
    );
    assert.match(readme, new RegExp(`^# ${name}`));
    assert.doesNotMatch(readme, /\]\((?!https:|#)/);
    say(`pnpm release: ${name} ${version} is published`);
  }

  assert.match(succeed(await run('release')), /Nothing is published: the registry has every version/);
  assert.match(await plan(), /^Nothing to publish: the registry has every version\.$/m);
  assert.match(await publishAgain(copy, env), /^already there$/m);
  assert.deepEqual(await Promise.all(names.map((name) => documentOf(registry, name))), all);
  say('pnpm release, once more: nothing is published twice');
  return { registry, version, names, [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose]() };
}

interface Outcome {
  readonly command: string;
  readonly failed: boolean;
  readonly output: string;
}

function outcomeOf(cwd: string, program: string, args: string[], env: NodeJS.ProcessEnv): Promise<Outcome> {
  // pnpm is a `.cmd` file there, which only a shell starts.
  const shell = process.platform === 'win32' && program === 'pnpm';
  const options = { cwd, env, shell, maxBuffer: OUTPUT_BYTES };
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}${error?.message ?? ''}`;
      resolve({ command: [program, ...args].join(' '), failed: error !== null, output });
    });
  });
}

/** @throws Error when the script has failed; what it printed is on stderr. */
function succeed({ command, failed, output }: Outcome): string {
  if (!failed) return output;
  process.stderr.write(output);
  throw new Error(`${command} failed; what it printed is above.`);
}

/** @throws Error when the script has not failed. */
function fail({ command, failed, output }: Outcome): string {
  if (failed) return output;
  process.stderr.write(output);
  throw new Error(`${command} had to fail; what it printed is above.`);
}

/** Publishes one that is there, as a release does whose registry answered from an older copy of itself. */
async function publishAgain(copy: ReleaseCopy, env: NodeJS.ProcessEnv): Promise<string> {
  const program = `import { publishPackage } from './scripts/registry.mjs';
    console.log(await publishPackage({ folder: 'packages/core' }));`;
  return succeed(await outcomeOf(copy.folder, 'node', ['--input-type=module', '--eval', program], env));
}

interface PackageDocument {
  readonly readme?: string;
  readonly versions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

async function documentOf({ url }: LocalRegistry, name: string): Promise<PackageDocument> {
  const response = await fetch(`${url}/${name.replace('/', '%2f')}`);
  return (await response.json()) as PackageDocument;
}

function lastLine(file: string): string | undefined {
  return readFileSync(file, 'utf8').trim().split('\n').at(-1);
}
