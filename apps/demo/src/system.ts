import { createRequire } from 'node:module';

import { startPostgres } from '@org/postgres';
import { type ServiceProcess, startService } from '@org/tracing-testing';

const { resolve } = createRequire(import.meta.url);

/** Time in which a service's spans reach us, in milliseconds; its default is made for production. */
const BATCH_DELAY_MILLIS = '100';

/** Time limit for the start and for the end of each service; a loaded machine takes some seconds. */
const TIMEOUT_MILLIS = 30_000;

/** Everything that the demo runs. */
export interface System {
  /** By name, the one that takes the requests first. */
  readonly services: Readonly<Record<'dispatcher' | 'commander' | 'inventory' | 'worker', ServiceProcess>>;
  /** Ends the services and the database. */
  stop(): Promise<void>;
}

/** Where the services' spans and log lines go. */
export interface Collector {
  /** For spans, by OTLP/HTTP. */
  readonly url: string;
  /** Gets each line that a service writes to stderr. */
  readonly takeLine?: (line: string) => void;
}

/**
 * Starts PostgreSQL, dispatcher → commander → inventory, and a worker that takes the orders.
 *
 * @param say Gets a line for each part that has started.
 * @param signal Ends the start between two parts.
 * @throws Error that says which part did not start, with its output. What had started is stopped.
 */
export async function startSystem(
  { url, takeLine }: Collector,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<System> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const stopPart of stops.splice(0).toReversed()) await stopPart();
  };

  async function start<Part>(
    name: string,
    begin: () => Promise<Part>,
    end: (part: Part) => Promise<unknown>,
    about: (part: Part) => string = () => '',
  ): Promise<Part> {
    const began = performance.now();
    try {
      const part = await begin();
      stops.push(() => end(part));
      signal.throwIfAborted();
      say(`${name} is up after ${((performance.now() - began) / 1000).toFixed(1)} s${about(part)}`);
      return part;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${name} did not start.\n${reason}`, { cause });
    }
  }

  try {
    const postgres = await start('PostgreSQL', startPostgres, (part) => part.stop());
    const startSample = (name: string, env: Record<string, string>): Promise<ServiceProcess> =>
      start(
        `The ${name}`,
        () =>
          startService({
            entry: resolve(`@org/${name}/dist/server.js`),
            timeoutMillis: TIMEOUT_MILLIS,
            ...(takeLine && { onStderrLine: takeLine }),
            env: {
              HOST: '127.0.0.1',
              OTEL_EXPORTER_OTLP_ENDPOINT: url,
              OTEL_BSP_SCHEDULE_DELAY: BATCH_DELAY_MILLIS,
              ...env,
            },
          }),
        // It rejects where the service had to be killed, or was by somebody: it is gone all the same.
        (part) => part.stop().catch(() => undefined),
        (part) => `: ${part.url}, process ${part.pid}`,
      );
    const inventory = await startSample('inventory', { DATABASE_URL: postgres.url });
    const stock = { NEXT_URL: inventory.url };
    const startingWorker = startSample('worker', { DATABASE_URL: postgres.url, ...stock });
    const startingFront = startSample('commander', { ...stock, ORDERS_URL: inventory.url }).then(
      async (commander) => ({
        commander,
        dispatcher: await startSample('dispatcher', { NEXT_URL: commander.url }),
      }),
    );
    // Where one does not start, the others must have before they can be stopped.
    await Promise.allSettled([startingWorker, startingFront]);
    const [worker, { commander, dispatcher }] = await Promise.all([startingWorker, startingFront]);
    return { services: { dispatcher, commander, inventory, worker }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @throws Error when any of the services has ended, with its output. */
export async function endOfService({ services }: System): Promise<never> {
  return Promise.race(
    Object.entries(services).map(async ([name, service]) => {
      const { code, signal } = await service.exited;
      throw new Error(`The ${name} ended (${code ?? signal}).\n${service.stderr}`);
    }),
  );
}
