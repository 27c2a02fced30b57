import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMMITTER = ['-c', 'user.name=rehearsal', '-c', 'user.email=rehearsal@localhost'];

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A published package, as its package.json in a copy says. */
export interface PublishedPackage {
  readonly name: string;
  readonly version: string;
  /** Of its folder, in the repository. */
  readonly path: string;
  /** The commands that it brings. */
  readonly bins: readonly string[];
}

/** A copy of this repository, outside of it, with one sample changeset in place of those that wait. */
export interface ReleaseCopy extends Disposable {
  readonly folder: string;
  /** Runs Git there; gives what it prints. */
  git(...args: string[]): string;
  /** Commits everything. */
  commit(message: string): void;
  /** What it publishes now, by the names of the folders. */
  packages(): PublishedPackage[];
}

/**
 * Copies what Git would take of this repository, and what is installed: a package's links to its neighbours lead to
 * those of the copy. Nothing of it is built. It is a Git repository with one commit, on `main`, and as in a workflow
 * Git knows the name of nobody there.
 */
export function releaseCopy(): ReleaseCopy {
  const folder = mkdtempSync(join(tmpdir(), 'tracing-release-'));
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const file of files.split('\0').filter((name) => name !== '' && existsSync(join(root, name)))) {
    cpSync(join(root, file), join(folder, file));
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  for (const member of membersOf(root)) {
    const from = join(root, member, 'node_modules');
    if (!existsSync(from)) continue;
    cpSync(from, join(folder, member, 'node_modules'), {
      recursive: true,
      verbatimSymlinks: true,
      // What tests and bundlers leave there.
      filter: (source) => dirname(source) !== from || !/^\.(?!bin$)/.test(basename(source)),
    });
  }
  const waiting = readdirSync(join(folder, '.changeset')).filter((name) => name.endsWith('.md'));
  for (const name of waiting) rmSync(join(folder, '.changeset', name));
  writeFileSync(
    join(folder, '.changeset/sample.md'),
    `---\n'${packagesIn(folder)[0]?.name}': minor\n---\n\nA sample change.\n`,
  );
  git('init', '--quiet', '--initial-branch=main');
  const commit = (message: string): void => {
    git('add', '--all');
    git(...COMMITTER, 'commit', '--quiet', `--message=${message}`);
  };
  commit('Copy');
  return {
    folder,
    git,
    commit,
    packages: () => packagesIn(folder),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function membersOf(repository: string): string[] {
  const inside = ['packages', 'apps'].flatMap((kind) =>
    readdirSync(join(repository, kind)).map((name) => join(kind, name)),
  );
  return [...inside, 'scripts'];
}

function packagesIn(repository: string): PublishedPackage[] {
  return readdirSync(join(repository, 'packages')).map((name) => {
    const file = join(repository, 'packages', name, 'package.json');
    const { name: full, version, publishConfig } = JSON.parse(readFileSync(file, 'utf8'));
    return { name: full, version, path: `packages/${name}`, bins: Object.keys(publishConfig?.bin ?? {}) };
  });
}
