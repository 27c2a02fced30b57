import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startPostgres } from './start-postgres.ts';

/** `cli.js command …` runs the command with DATABASE_URL set; without a command, prints the URL and stays. */
async function main(command: string | undefined, args: readonly string[]): Promise<void> {
  const postgres = await startPostgres();
  if (command === undefined) {
    process.stdout.write(`${postgres.url}\n`);
    // The server goes when this process does, whichever signal ends it.
    setInterval(() => {}, 2 ** 30);
    return;
  }
  const env = { ...process.env, DATABASE_URL: postgres.url };
  const child = spawn(command, args, { stdio: 'inherit', env });
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    process.exitCode = code ?? 1;
  } finally {
    await postgres.stop();
  }
}

main(process.argv[2], process.argv.slice(3)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
