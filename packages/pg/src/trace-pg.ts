import { diag } from '@opentelemetry/api';
import { notePlugin } from '@org/tracing-core';

import { tracedEmit } from './client-events.ts';
import { type PgTracingOptions, readOptions } from './options.ts';
import { replaceMethod } from './patch.ts';
import { tracedClientConnect, tracedPoolConnect } from './traced-connect.ts';
import { tracedPoolQuery } from './traced-pool-query.ts';
import { tracedQuery } from './traced-query.ts';
import { version } from './version.ts';

/** What is used of the module `pg`. */
export interface PgExports {
  readonly Client: new (...args: never[]) => object;
  readonly Pool: new (...args: never[]) => object;
}

/** The module `pg`, however it was imported: `import pg`, `import * as pg`, `require('pg')`, `await import('pg')`. */
export type PgModule = PgExports | { readonly default: PgExports };

/** Held by the prototype that is traced, so that another copy of this package sees it too. */
const UNDO = Symbol.for('@org/tracing-pg.undo');

/**
 * Traces the queries of node-postgres: one CLIENT span for each, below the span that is active where it is made. The
 * classes of the module are changed, so it does not matter what was imported, or which pools and clients were made,
 * before; nor whether `initTracing` has run yet.
 *
 * Traced already, by this or another copy of this package: nothing happens, and the options of the first call hold.
 *
 * @returns Undoes it. The undo function of a second call is that of the first.
 * @throws TypeError where `pg` is not the module, is its native variant, or an option is not what it should be.
 *
 * @example
 * import { initTracing, tracePg } from '@org/tracing-pg';
 * import pg from 'pg';
 *
 * initTracing({ serviceName: 'inventory' });
 * tracePg(pg);
 */
export function tracePg(pg: PgModule, options: PgTracingOptions = {}): () => void {
  const settings = { ...readOptions(options), on: true };
  const { Client, Pool } = exportsOf(pg);
  const client = Client.prototype as { [UNDO]?: () => void };
  if (client[UNDO]) {
    diag.debug('tracePg: this pg is traced already; the options of the first call hold');
    return client[UNDO];
  }
  const pool = poolPrototype(Pool);
  const patches = [
    replaceMethod(client, 'query', (original) => tracedQuery(original, settings)),
    replaceMethod(client, 'emit', (original) => tracedEmit(original, settings)),
    replaceMethod(pool, 'connect', (original) => tracedPoolConnect(original, settings)),
    replaceMethod(pool, 'query', (original) => tracedPoolQuery(original, settings)),
  ];
  if (settings.connectSpans) {
    patches.push(replaceMethod(client, 'connect', (original) => tracedClientConnect(original, settings)));
  }
  const forget = notePlugin({ name: '@org/tracing-pg', version });
  function undo(): void {
    // For whoever has wrapped our methods since, and goes on calling them.
    settings.on = false;
    for (const restore of patches.splice(0)) restore();
    delete client[UNDO];
    forget();
  }
  Object.defineProperty(client, UNDO, { value: undo, configurable: true });
  return undo;
}

/** `pg.Pool` is bound to its client class; the methods are those of pg-pool's class above it. */
function poolPrototype(Pool: PgExports['Pool']): object {
  const parent: unknown = Object.getPrototypeOf(Pool.prototype);
  return typeof parent === 'object' && parent !== null && 'connect' in parent ? parent : Pool.prototype;
}

function exportsOf(pg: unknown): PgExports {
  const given = typeof pg === 'object' && pg !== null ? pg : {};
  const found: unknown = 'Client' in given || !('default' in given) ? given : given.default;
  if (!isPg(found)) {
    throw new TypeError(
      `pg: expected the module "pg" (import pg from 'pg'); got ${String(pg)} (${typeof pg})`,
    );
  }
  // pg's own queries are told that the server is ready; those of libpq are not.
  if (!('handleReadyForQuery' in found.Client.Query.prototype)) {
    throw new TypeError(
      "pg: expected pg's JavaScript client; got pg.native, which is not supported (NODE_PG_FORCE_NATIVE makes pg native)",
    );
  }
  return found;
}

interface CheckedPg extends PgExports {
  readonly Client: PgExports['Client'] & { readonly Query: { readonly prototype: object } };
}

function isPg(value: unknown): value is CheckedPg {
  if (typeof value !== 'object' || value === null) return false;
  const { Client, Pool } = value as { Client?: { Query?: unknown }; Pool?: unknown };
  return (
    typeof Client === 'function' &&
    typeof Reflect.get(Client, 'Query') === 'function' &&
    typeof Pool === 'function'
  );
}
