import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Account, findBinaries, runs, serverAccount } from './binaries.ts';

/**
 * Runs `initdb` and the server, and outlives us just long enough to tidy up: descriptor 3 comes to its end when this
 * process closes it or dies of anything, SIGKILL too. The shell makes background processes ignore SIGQUIT until they
 * ask for it, so the signal is repeated.
 */
const GUARD = `
folder=$1 bin=$2; shift 2
{ "$bin/initdb" -D "$folder/data" -U postgres -A scram-sha-256 --pwfile="$folder/password" --no-sync \\
    --encoding=UTF8 --locale=C --wal-segsize=1 >/dev/null && exec "$bin/postgres" -D "$folder/data" "$@"; } 3<&- &
server=$!
{ read -r _ <&3; while kill -s QUIT $server 2>/dev/null; do sleep 1; done; } &
watcher=$!
wait $server
kill $watcher 2>/dev/null
rm -rf "$folder"
`;

/** Durability is of no use here; the shared memory is a file in the folder, so that nothing can stay behind. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  dynamic_shared_memory_type: 'mmap',
  log_min_messages: 'log',
};

/** Starts a server in a temporary folder, from the binaries in `installed` where that is given. */
export async function startServer(installed?: string): Promise<{ url: string; stop: () => Promise<void> }> {
  if (process.platform === 'win32') {
    throw new Error('No PostgreSQL server is started on win32. Set DATABASE_URL to one that runs.');
  }
  const account = serverAccount();
  const source = installed ?? (await findBinaries());
  // A free port found beforehand may be somebody else's by the time the server binds it.
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const folder = makeFolder(account);
    const password = randomBytes(12).toString('hex');
    writeFileSync(join(folder, 'password'), password);
    const binaries = runs(source, account) ? source : copyBinaries(source, folder);
    if (account) {
      execFileSync('chown', ['-R', `${account.uid}:${account.gid}`, folder]);
    }
    const guard = launch(folder, binaries, port, account);
    const failure = await failureOrReady(guard);
    if (failure === undefined) {
      const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
      return { url, stop: () => stopServer(guard, folder) };
    }
    rmSync(folder, { recursive: true, force: true });
    if (attempt === 3 || !failure.includes('could not bind')) {
      throw new Error(`PostgreSQL did not start. It said:\n${failure}`);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

/** The temporary folder of root may be root's alone; then `/tmp`, where everybody gets in. */
function makeFolder(account: Account | undefined): string {
  const reachable = (folder: string): boolean =>
    spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { cwd: '/', ...account }).status === 0;
  const parent = reachable(tmpdir()) ? tmpdir() : '/tmp';
  return mkdtempSync(join(parent, 'tracing-postgres-'));
}

/** For a checkout below a folder that the server's account may not enter. */
function copyBinaries(installed: string, folder: string): string {
  const copy = join(folder, 'installation');
  cpSync(dirname(installed), copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, 'bin');
}

function launch(folder: string, binaries: string, port: number, account: Account | undefined): ChildProcess {
  const settings = Object.entries({ ...SETTINGS, port }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  return spawn('/bin/sh', ['-c', GUARD, 'postgres-guard', folder, binaries, ...settings], {
    cwd: folder,
    // Away from the terminal's group: Ctrl-C is for us, and our end is what the guard waits for.
    detached: true,
    // Not our environment: PGPORT, PGDATA and the like would reach the server, a locale its messages.
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    ...account,
  });
}

/** What the server said when it gave up, or undefined once it takes connections. */
async function failureOrReady(guard: ChildProcess): Promise<string | undefined> {
  const slow = setTimeout(() => process.stderr.write('PostgreSQL is starting…\n'), 3000);
  let said = '';
  const failure = await new Promise<string | undefined>((resolve) => {
    guard.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      if (said.includes('ready to accept connections')) {
        resolve(undefined);
      }
    });
    guard.once('error', (error) => resolve(error.message));
    guard.once('close', () => resolve(said));
  });
  clearTimeout(slow);
  guard.stderr?.removeAllListeners('data').resume();
  guard.unref();
  for (const stream of guard.stdio) {
    if (stream instanceof Socket) {
      stream.unref();
    }
  }
  return failure;
}

async function stopServer(guard: ChildProcess, folder: string): Promise<void> {
  if (guard.exitCode === null && guard.signalCode === null) {
    guard.ref();
    const exited = once(guard, 'exit');
    const lifeline = guard.stdio[3];
    if (lifeline instanceof Socket) {
      lifeline.destroy();
    }
    await exited;
  }
  // The guard empties it; the folder itself may lie where only we can remove it.
  rmSync(folder, { recursive: true, force: true });
}
