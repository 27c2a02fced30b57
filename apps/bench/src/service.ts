import { fileURLToPath } from 'node:url';

import { type Child, startChild } from './child.ts';
import type { SetupChoice } from './setups.ts';

const ENTRY = fileURLToPath(new URL('../dist/server/main.js', import.meta.url));

/** A service under measurement. */
export interface Service extends AsyncDisposable {
  readonly origin: string;
  /** CPU time of the whole process since it started, all threads, in microseconds. */
  cpuMicros(): Promise<number>;
  /** Resolves when its spans have been sent. */
  flush(): Promise<void>;
  /** Resident memory, as it is or after garbage collection. */
  residentBytes(when: 'now' | 'collected'): Promise<number>;
}

export interface ServiceOptions {
  readonly node: string;
  /** Folder with the modules of all set-ups. */
  readonly modules: string;
  readonly sinkPort: number;
  readonly framework: string;
  readonly setup: SetupChoice;
  readonly env?: Readonly<Record<string, string>>;
}

/** Resolves when it listens. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { node, modules, sinkPort, framework, setup, env } = options;
  const child: Child = await startChild(ENTRY, {
    node,
    args: [framework, setup.name],
    execArgv: ['--expose-gc', ...(setup.execArgv ?? [])],
    // Where `--require NAME` looks.
    cwd: modules,
    env: {
      BENCH_MODULES: modules,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${sinkPort}`,
      BENCH_DSN: `http://key@127.0.0.1:${sinkPort}/1`,
      DD_TRACE_AGENT_URL: `http://127.0.0.1:${sinkPort}`,
      ...setup.env,
      ...env,
    },
  });
  const { port } = child.hello as { port: number };
  return {
    origin: `http://127.0.0.1:${port}`,
    cpuMicros: async () => ((await child.ask({ ask: 'cpu' })) as { micros: number }).micros,
    flush: async () => void (await child.ask({ ask: 'flush' })),
    async residentBytes(when) {
      const ask = when === 'now' ? 'memory' : 'collected';
      return ((await child.ask({ ask })) as { bytes: number }).bytes;
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
