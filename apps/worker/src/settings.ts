/** What the environment tells this service. An empty variable counts as unset. */
export interface Settings {
  /** Address on which it says whether it is well: `HOST`, 127.0.0.1 by default. */
  readonly host: string;
  /** Port of that: `PORT`, 3003 by default, 0 for any that is free. */
  readonly port: number;
  /** Where the queue is: `DATABASE_URL`. */
  readonly databaseUrl: string;
  /** Base URL of the inventory: `NEXT_URL`. It ends with a slash. */
  readonly inventory: URL;
  /** Whether an order's trace is linked to the one that placed it, or is part of that: `PARENT`, `link` by default. */
  readonly parent: 'link' | 'child';
}

/** @throws Error that names the variable which is missing or wrong. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    host: env['HOST'] || '127.0.0.1',
    port: readPort(env['PORT'] || '3003'),
    databaseUrl: readDatabaseUrl(env['DATABASE_URL']),
    inventory: readUrl('NEXT_URL', env['NEXT_URL']),
    parent: readParent(env['PARENT'] || 'link'),
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

function readUrl(name: string, value: string | undefined): URL {
  if (!value) throw new Error(`${name}: missing, expected a URL such as http://127.0.0.1:3002`);
  // Without the slash a relative path would take the place of the last segment.
  if (/^https?:/i.test(value) && URL.canParse(value)) return new URL(value.replace(/\/?$/, '/'));
  throw new Error(`${name}: expected an http or https URL, got "${value}"`);
}

function readParent(value: string): 'link' | 'child' {
  if (value === 'link' || value === 'child') return value;
  throw new Error(`PARENT: expected link or child, got "${value}"`);
}
