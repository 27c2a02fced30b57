import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';

import { type ServiceProcess, startService } from '@org/tracing-testing';

import type { Reading } from './reading.ts';

const { resolve } = createRequire(import.meta.url);
const PROBE = new URL('../dist/probe.js', import.meta.url).href;

/** A loaded machine takes some seconds for the start of a service. */
const TIMEOUT_MILLIS = 30_000;

/** The services, the one that takes the requests first. */
export const SERVICES = ['dispatcher', 'commander', 'inventory'] as const;

/** Name of a service. */
export type ServiceName = (typeof SERVICES)[number];

/** Spans that each of the services makes of one request. */
export const SPANS_A_REQUEST = 2;

/** Something of each service. */
export type PerService<T> = Readonly<Record<ServiceName, T>>;

/** Dispatcher → commander → inventory → PostgreSQL, in processes of their own. */
export interface Chain extends AsyncDisposable {
  /** Where the requests go. */
  readonly url: string;
  read(): Promise<PerService<Reading>>;
  /** Reads until `done`, or until the time is over. @returns The last reading. */
  readUntil(
    done: (reading: PerService<Reading>) => boolean,
    limitMillis: number,
  ): Promise<PerService<Reading>>;
  /** The lines that the kit has written to stderr. */
  lines(): PerService<readonly string[]>;
}

/** Starts the three services with these variables in their environment, and these modules loaded first. */
export async function startChain(
  databaseUrl: string,
  env: Readonly<Record<string, string>>,
  preload: readonly string[] = [],
): Promise<Chain> {
  const started: ServiceProcess[] = [];
  async function start(name: ServiceName, own: Record<string, string>): Promise<ServiceProcess> {
    const service = await startService({
      entry: resolve(`@org/${name}/dist/server.js`),
      execArgv: ['--expose-gc', ...[PROBE, ...preload].flatMap((module) => ['--import', module])],
      timeoutMillis: TIMEOUT_MILLIS,
      env: { HOST: '127.0.0.1', LOG_LEVEL: 'warn', OTEL_SERVICE_NAME: name, ...env, ...own },
    });
    started.push(service);
    return service;
  }
  async function kill(): Promise<void> {
    await Promise.all(started.map((service) => service[Symbol.asyncDispose]()));
  }

  try {
    const inventory = await start('inventory', { DATABASE_URL: databaseUrl });
    const commander = await start('commander', { NEXT_URL: inventory.url });
    const dispatcher = await start('dispatcher', { NEXT_URL: commander.url });
    const services: PerService<ServiceProcess> = { dispatcher, commander, inventory };
    const probes = await perService(async (name) => {
      const { probe } = await services[name].waitForLog((line) => typeof line['probe'] === 'number');
      return `http://127.0.0.1:${String(probe)}/`;
    });
    const read = (): Promise<PerService<Reading>> =>
      perService(async (name) => (await (await fetch(probes[name])).json()) as Reading);

    return {
      url: `${dispatcher.url}/dispatch`,
      read,
      async readUntil(done, limitMillis) {
        const end = performance.now() + limitMillis;
        for (;;) {
          const reading = await read();
          if (done(reading) || performance.now() > end) return reading;
          await setTimeout(100);
        }
      },
      lines: () => ({
        dispatcher: kitLines(dispatcher),
        commander: kitLines(commander),
        inventory: kitLines(inventory),
      }),
      [Symbol.asyncDispose]: kill,
    };
  } catch (error) {
    await kill();
    throw error;
  }
}

/** Asks for something of each service at the same time. */
export async function perService<T>(ask: (name: ServiceName) => Promise<T>): Promise<PerService<T>> {
  const answers = await Promise.all(SERVICES.map(async (name) => [name, await ask(name)] as const));
  return Object.fromEntries(answers) as Record<ServiceName, T>;
}

function kitLines({ stderr }: ServiceProcess): readonly string[] {
  return stderr.split('\n').filter((line) => line.startsWith('[tracing] '));
}
