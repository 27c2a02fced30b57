import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** Makes a database on a server that is already there. */
export async function createDatabase(serverUrl: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const name = `tracing_${randomBytes(6).toString('hex')}`;
  await run(serverUrl, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, stop: () => run(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`) };
}

async function run(serverUrl: string, sql: string): Promise<void> {
  const client = new pg.Client(serverUrl);
  try {
    await client.connect();
    await client.query(sql);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The server of DATABASE_URL refused (${reason}). It must be reachable, and its role needs CREATEDB.`,
      { cause: error },
    );
  } finally {
    await client.end();
  }
}
