/** What the environment tells this service. An empty variable counts as unset. */
export interface Settings {
  /** Address to listen on: `HOST`, 127.0.0.1 by default. */
  readonly host: string;
  /** Port to listen on: `PORT`, 3002 by default, 0 for any that is free. */
  readonly port: number;
  /** Where the tables are: `DATABASE_URL`. */
  readonly databaseUrl: string;
}

/** @throws Error that names the variable which is missing or wrong. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    host: env['HOST'] || '127.0.0.1',
    port: readPort(env['PORT'] || '3002'),
    databaseUrl: readDatabaseUrl(env['DATABASE_URL']),
  };
}

function readPort(value: string): number {
  const port = Number(value);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`PORT: expected a whole number from 0 to 65535, got "${value}"`);
}

function readDatabaseUrl(value: string | undefined): string {
  if (!value) throw new Error('DATABASE_URL: missing, expected postgres://user:password@host:port/database');
  if (/^postgres(ql)?:\/\//i.test(value) && URL.canParse(value)) return value;
  // The value may hold a password.
  throw new Error('DATABASE_URL: expected a postgres:// URL');
}
