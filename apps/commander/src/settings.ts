/** What the environment tells this service. An empty variable counts as unset. */
export interface Settings {
  /** Address to listen on: `HOST`, 127.0.0.1 by default. */
  readonly host: string;
  /** Port to listen on: `PORT`, 3001 by default, 0 for any that is free. */
  readonly port: number;
  /** Base URL of the inventory: `NEXT_URL`. It ends with a slash. Without it every order can be shipped. */
  readonly inventory: URL | undefined;
  /** Base URL of whoever takes orders that are to be shipped: `ORDERS_URL`. Without it none is placed. */
  readonly orders: URL | undefined;
}

/** @throws Error that names the variable which is wrong. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    host: env['HOST'] || '127.0.0.1',
    port: readPort(env['PORT'] || '3001'),
    inventory: readUrl('NEXT_URL', env['NEXT_URL']),
    orders: readUrl('ORDERS_URL', env['ORDERS_URL']),
  };
}

function readPort(value: string): number {
  const port = Number(value);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`PORT: expected a whole number from 0 to 65535, got "${value}"`);
}

function readUrl(name: string, value: string | undefined): URL | undefined {
  if (!value) return undefined;
  // Without the slash a relative path would take the place of the last segment.
  if (/^https?:/i.test(value) && URL.canParse(value)) return new URL(value.replace(/\/?$/, '/'));
  throw new Error(`${name}: expected an http or https URL, got "${value}"`);
}
