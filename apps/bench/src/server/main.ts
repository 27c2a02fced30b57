// A service that is measured: `main.js FRAMEWORK SETUP`. By the environment: BENCH_MODULES, a folder with the modules
// of all set-ups; NEXT_URL or DATABASE_URL, what its handlers ask in the chain. Its parent asks it over IPC.
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { applications } from './applications.ts';
import { setUpKit } from './kit.ts';
import { setUpFloor, setUpNothing } from './plain.ts';
import { setUpAuto, setUpDatadog } from './preloaded.ts';
import { setUpSentry } from './sentry.ts';
import type { Load, Setup, Work } from './setup.ts';
import { setUpStock } from './stock.ts';

const [, , framework = '', variant = ''] = process.argv;
const { BENCH_MODULES = '', NEXT_URL, DATABASE_URL } = process.env;
// As an application in CommonJS loads: what every tracer supports best.
const load: Load = createRequire(join(BENCH_MODULES, 'package.json'));
const isChain = NEXT_URL !== undefined || DATABASE_URL !== undefined;

function setUp(): Setup {
  if (variant === 'untraced') return setUpNothing();
  if (variant === 'floor') return setUpFloor();
  if (variant.startsWith('kit')) return setUpKit(variant, load);
  if (variant.startsWith('stock')) return setUpStock(variant, framework, isChain, load);
  if (variant === 'auto') return setUpAuto(load);
  if (variant === 'dd-trace') return setUpDatadog(load);
  if (variant === 'sentry') return setUpSentry(load);
  throw new Error(`no set-up "${variant}"`);
}

function workOf(setup: Setup): Work {
  if (NEXT_URL !== undefined) return async (id) => (await fetch(`${NEXT_URL}/order/${id}`)).json();
  if (DATABASE_URL === undefined) return undefined;
  const pg = load('pg') as { Pool: new (options: object) => Pool };
  setup.pg?.(pg);
  const pool = new pg.Pool({ connectionString: DATABASE_URL });
  return async (id) => {
    const { rows } = await pool.query('SELECT $1::text AS sku, 12 AS pieces', [id]);
    return rows[0];
  };
}

interface Pool {
  query(text: string, values: readonly unknown[]): Promise<{ rows: unknown[] }>;
}

/** What it can be asked, and how it answers. */
const answers: Readonly<Record<string, (setup: Setup) => unknown>> = {
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return { micros: user + system };
  },
  async flush(setup) {
    await setup.flush();
    return {};
  },
  memory: () => ({ bytes: process.memoryUsage.rss() }),
  collected: () => {
    for (let round = 0; round < 3; round++) globalThis.gc?.();
    return { bytes: process.memoryUsage.rss() };
  },
};

async function main(): Promise<void> {
  const setup = setUp();
  const start = applications[framework];
  if (start === undefined) throw new Error(`no framework "${framework}"`);
  const port = await start(load, setup, workOf(setup));
  process.on('message', ({ ask }: { ask: string }) => {
    Promise.resolve(answers[ask]?.(setup)).then(
      (answer) => process.send?.(answer),
      (error: unknown) => process.send?.({ failure: String(error) }),
    );
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ port });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
