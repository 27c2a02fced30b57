import type { Attributes } from '@opentelemetry/api';

/** Where a client connects to, as pg resolved it from the configuration, a connection string and PGHOST and so on. */
export interface ConnectionParameters {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly database?: string | undefined;
  readonly user?: string | undefined;
}

/** Options of a pool: pg resolves them only when it makes a client. */
export interface PoolOptions extends ConnectionParameters {
  readonly connectionString?: string | undefined;
}

const DEFAULT_PORT = 5432;

/** Attributes of a connection; never its credentials. The schema is not known here, so the namespace is the database. */
export function connectionAttributes({ host, port, database }: ConnectionParameters): Attributes {
  const attributes: Attributes = { 'db.system.name': 'postgresql' };
  if (database) attributes['db.namespace'] = database;
  if (host) {
    attributes['server.address'] = host;
    // pg parses what it is given, so this may be NaN; a Unix socket has none.
    const isTelling = Number.isInteger(port) && port !== DEFAULT_PORT && !host.startsWith('/');
    if (isTelling) attributes['server.port'] = port;
  }
  return attributes;
}

/** Where a pool's clients will connect to, as far as its options say. */
export function poolTarget(options: PoolOptions): ConnectionParameters {
  if (!options.connectionString || !URL.canParse(options.connectionString)) return options;
  const { hostname, port, pathname } = new URL(options.connectionString);
  return {
    host: hostname || options.host,
    port: port ? Number(port) : options.port,
    database: pathname.slice(1) || options.database,
  };
}
