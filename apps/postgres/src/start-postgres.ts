import { createDatabase } from './database.ts';
import { startServer } from './server.ts';

/** Options of {@link startPostgres}. */
export interface StartPostgresOptions {
  /**
   * A server to use instead of starting one, as a `postgres://` URL. Default: `DATABASE_URL`; empty means none.
   * The role needs `CREATEDB`.
   */
  databaseUrl?: string | undefined;
}

/** A database that nobody else uses, until it is stopped. */
export interface RunningPostgres extends AsyncDisposable {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  /** Closes every connection and removes the database, and the server where it is ours. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Gives an empty PostgreSQL database, for as long as it is wanted.
 *
 * Without `DATABASE_URL` a server is started in a temporary folder, on 127.0.0.1 and a free port only. It stops and
 * its folder goes when `stop()` is called or when this process ends, however it ends. It does not keep this process
 * alive. With `DATABASE_URL` nothing is started: a new database is made on that server and dropped by `stop()`.
 *
 * @throws Error where no binary fits this platform, or the server did not start; the message says what to do.
 *
 * @example
 * await using postgres = await startPostgres();
 * const client = new pg.Client(postgres.url);
 */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<RunningPostgres> {
  const databaseUrl = options.databaseUrl ?? process.env['DATABASE_URL'];
  const { url, stop } = await (databaseUrl ? createDatabase(databaseUrl) : startServer());
  let stopped: Promise<void> | undefined;
  const stopOnce = (): Promise<void> => (stopped ??= stop());
  return { url, stop: stopOnce, [Symbol.asyncDispose]: stopOnce };
}
