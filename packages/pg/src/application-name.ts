import type { Span } from '@opentelemetry/api';

import type { Method } from './patch.ts';

/** What is used of pg's client. */
interface NamedClient {
  readonly connectionParameters?: { readonly replication?: unknown };
  /** False while a query is under way. */
  readonly readyForQuery?: boolean;
  /** `I` outside of a transaction, `E` in one that has failed; old versions of pg do not tell. */
  readonly getTransactionStatus?: () => string | null;
}

/** Clients whose session may have a name of ours, with how often it was given one. */
const named = new WeakMap<object, { names: number }>();

function ignore(): void {
  // In a transaction that has failed every statement fails: the application is told by its own.
}

/**
 * Queues `SET application_name` right before the next query of this client, which runs its queries in their order.
 *
 * @param query pg's own `client.query`.
 */
export function setApplicationName(client: NamedClient, span: Span, query: Method): void {
  if (refuses(client)) return;
  const { traceId, spanId, traceFlags } = span.spanContext();
  const state = named.get(client) ?? { names: 0 };
  state.names += 1;
  named.set(client, state);
  const flags = traceFlags.toString(16).padStart(2, '0');
  // 55 of the 63 bytes that a name may have, none of which needs quoting. SET takes no snapshot, so it may precede
  // SET TRANSACTION, as a SELECT of set_config could not.
  Reflect.apply(query, client, [`SET application_name = '00-${traceId}-${spanId}-${flags}'`, ignore]);
}

/** Gives the session back its own name before a query that is not recorded, where it has one of ours. */
export function resetApplicationName(client: NamedClient, query: Method): void {
  const state = named.get(client);
  if (state === undefined || refuses(client)) return;
  const { names } = state;
  function done(error?: unknown): void {
    // Inside a transaction a rollback would bring the old name back.
    const isFinal = !error && state?.names === names && client.getTransactionStatus?.() === 'I';
    if (isFinal) named.delete(client);
  }
  Reflect.apply(query, client, ['RESET application_name', done]);
}

/** Where SET is known to fail: in a failed transaction, and on a connection whose commands are not SQL. */
function refuses(client: NamedClient): boolean {
  if (client.connectionParameters?.replication) return true;
  return client.readyForQuery === true && client.getTransactionStatus?.() === 'E';
}
