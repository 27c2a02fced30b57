import log from 'loglevel';
import pg from 'pg';

/** An article and how many pieces of it are there. */
export interface Stock {
  readonly sku: string;
  readonly name: string;
  readonly pieces: number;
}

/** Any number that every instance of this service agrees on. */
const SCHEMA_LOCK = 7_215_402;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS article (sku text PRIMARY KEY, name text NOT NULL);
  CREATE TABLE IF NOT EXISTS stock (
    sku text PRIMARY KEY REFERENCES article,
    pieces integer NOT NULL CHECK (pieces >= 0)
  );
  INSERT INTO article VALUES ('anvil', 'Anvil, 50 kg'), ('rocket', 'Rocket'), ('magnet', 'Giant magnet')
    ON CONFLICT DO NOTHING;
  INSERT INTO stock VALUES ('anvil', 12), ('rocket', 3), ('magnet', 0) ON CONFLICT DO NOTHING;
`;

/**
 * Connects, and makes the tables and their first rows where they are missing; what is there stays.
 *
 * @throws Error that names `DATABASE_URL` where the database refuses.
 */
export async function connectStock(databaseUrl: string): Promise<pg.Pool> {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    connectionTimeoutMillis: 5000,
    query_timeout: 5000,
    // Where the start fails after this, idle connections are no reason to stay.
    allowExitOnIdle: true,
  });
  // Without a listener a connection that is lost while idle would end the process.
  pool.on('error', (error) => log.warn('lost a connection to the database', error));
  try {
    // IF NOT EXISTS fails where two create at once. Statements sent as one are one transaction, and the
    // lock holds until its end.
    await pool.query(`SELECT pg_advisory_xact_lock(${SCHEMA_LOCK}); ${SCHEMA}`);
    return pool;
  } catch (cause) {
    await pool.end();
    throw new Error('DATABASE_URL: the database refused', { cause });
  }
}

/** Looks an article up; undefined where there is none. */
export async function findStock(pool: pg.Pool, sku: string): Promise<Stock | undefined> {
  const { rows } = await pool.query<Stock>(
    'SELECT sku, name, pieces FROM stock JOIN article USING (sku) WHERE sku = $1',
    [sku],
  );
  return rows[0];
}

/** A query that always fails, to see what an error looks like in a trace. */
export async function findBrokenStock(pool: pg.Pool): Promise<readonly Stock[]> {
  const { rows } = await pool.query<Stock>('SELECT sku, name, pieces FROM stock_of_last_year');
  return rows;
}
