// `pnpm release`: builds, checks and publishes what the registry does not have, then tags it. It may be run again at any time,
// and most of all after it failed halfway: what is published stays as it is, and the rest follows.
import './check-node.mjs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { publishPackage, unpublished } from './registry.mjs';
import { nameRepository, releaseRepository } from './release-repository.mjs';
import { releasedPackages } from './released-packages.mjs';
import { say, step } from './steps.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

try {
  await release();
} catch (error) {
  say(`✗ ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function release() {
  const packages = releasedPackages(root);
  const repository = releaseRepository(root);
  const changed = git('status', '--porcelain');
  if (changed !== '')
    throw new Error(`Commit or remove what is not committed, then run this again:\n${changed}`);
  const missing = await unpublished(packages);
  if (missing.length === 0) say('Nothing is published: the registry has every version');
  else await publish(missing, repository);
  tagAll(packages.map(({ name, version }) => `${name}@${version}`));
}

/**
 * @param {import('./released-packages.mjs').ReleasedPackage[]} missing
 * @param {import('./release-repository.mjs').Repository} repository
 */
async function publish(missing, repository) {
  const ready = await step('Build and check', ['pnpm', 'turbo', 'run', 'build', 'check:package'], {
    hint: 'Nothing is published.',
  });
  if (!ready) throw new Error('The packages are not fit to be published');
  const restore = nameRepository(missing, repository);
  // Ctrl-C reaches the child as well, whose end is ours.
  process.on('SIGINT', () => {});
  try {
    for (const [index, each] of missing.entries()) {
      const outcome = await publishPackage(each);
      if (outcome === 'refused') {
        const rest = missing.slice(index).map(({ name }) => name);
        throw new Error(`Not published: ${rest.join(', ')}. See above why; then run this again`);
      }
      say(`✓ ${each.name} ${each.version}: ${outcome}`);
    }
  } finally {
    restore();
  }
}

/**
 * Tags this commit: for those too that a run which failed has published. Where `origin` has a tag, that one holds.
 *
 * @param {string[]} names
 */
function tagAll(names) {
  const there = `${git('ls-remote', '--tags', 'origin')}\n${git('show-ref', '--head', '--tags')}`;
  for (const name of names.filter((each) => !there.split(/\s+/).includes(`refs/tags/${each}`))) {
    // An annotated one would want the name of a person.
    git('tag', name);
    say(`✓ Tag ${name}`);
  }
}

/** @param {string[]} args */
function git(...args) {
  const { status, stdout, stderr, error } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  if (status === 0) return stdout.trim();
  throw new Error(`git ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
}
