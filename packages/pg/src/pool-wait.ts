import { type Attributes, type Context, trace } from '@opentelemetry/api';

/** How long a pool's client was waited for, and by which trace. */
interface PoolWait {
  readonly seconds: number;
  readonly traceId: string | undefined;
}

/** Until the first query after the client was handed over takes it. */
const waits = new WeakMap<object, PoolWait>();

/** Takes the time of a wait from now on. The returned function is told which client the pool gave. */
export function measurePoolWait(caller: Context): (client: unknown) => void {
  const started = performance.now();
  const traceId = traceIdOf(caller);
  return (client) => {
    if (typeof client !== 'object' || client === null) return;
    waits.set(client, { seconds: (performance.now() - started) / 1000, traceId });
  };
}

/**
 * Adds the wait to the first query after it, and to no later one: they had the client already. A query of another
 * trace did not wait either.
 */
export function addPoolWait(attributes: Attributes, client: object, caller: Context): void {
  const wait = waits.get(client);
  if (wait === undefined) return;
  waits.delete(client);
  // The conventions have the name for a metric, in seconds; they have no attribute for it.
  if (wait.traceId === traceIdOf(caller)) attributes['db.client.connection.wait_time'] = wait.seconds;
}

function traceIdOf(active: Context): string | undefined {
  return trace.getSpan(active)?.spanContext().traceId;
}
