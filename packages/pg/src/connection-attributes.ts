import type { Attributes } from '@opentelemetry/api';

/** Where a client connects to, as pg resolved it from the configuration, a connection string and PGHOST and so on. */
export interface ConnectionParameters {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly database?: string | undefined;
  readonly user?: string | undefined;
  /** Set where the connection speaks the replication protocol, whose commands are not SQL. */
  readonly replication?: unknown;
}

/** Options of a pool: pg resolves them only when it makes a client. */
export interface PoolOptions extends ConnectionParameters {
  readonly connectionString?: string | undefined;
}

const DEFAULT_PORT = 5432;

/** Attributes of a connection; never its credentials. The schema is not known here, so the namespace is the database. */
export function connectionAttributes({ host, port, database }: ConnectionParameters): Attributes {
  const attributes: Attributes = { 'db.system.name': 'postgresql' };
  // pg takes what it is given; the attributes are the span's without another look at them.
  if (database && typeof database === 'string') attributes['db.namespace'] = database;
  if (host && typeof host === 'string') {
    attributes['server.address'] = host;
    // pg parses what it is given, so this may be NaN; a Unix socket has none.
    const isTelling = Number.isInteger(port) && port !== DEFAULT_PORT && !host.startsWith('/');
    if (isTelling) attributes['server.port'] = port;
  }
  return attributes;
}

/**
 * Where a pool's clients will connect to, as far as its options and pg's environment variables say. Of a connection
 * string that cannot be read nothing is said.
 */
export function poolTarget(options: PoolOptions): ConnectionParameters {
  const { connectionString } = options;
  if (connectionString && !URL.canParse(connectionString)) return {};
  const url = connectionString ? new URL(connectionString) : undefined;
  const { PGHOST, PGPORT, PGDATABASE, PGUSER } = process.env;
  const user = url?.username || options.user || PGUSER;
  return {
    host: url?.hostname || options.host || PGHOST || 'localhost',
    port: Number(url?.port || options.port || PGPORT) || DEFAULT_PORT,
    database: url?.pathname.slice(1) || options.database || PGDATABASE || user,
  };
}

/**
 * `db.client.connection.pool.name`: pg-pool gives none, so the target stands for it.
 *
 * Semantic conventions, docs/db/database-metrics.md, "Connection pools".
 */
export function poolName(options: PoolOptions): string {
  const { host = '', port = '', database = '' } = poolTarget(options);
  return `${host}:${port}/${database}`;
}
