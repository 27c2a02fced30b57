import { fileURLToPath } from 'node:url';

import { type Child, startChild } from './child.ts';
import type { LoadOrder } from './load/load-process.ts';
import type { Delivered } from './sink/sink-process.ts';

/** What stands around the services that are measured: a backend and a load, each in a process of its own. */
export interface Surroundings extends AsyncDisposable {
  readonly sinkPort: number;
  /** Resolves when all has been answered with 200. */
  load(order: LoadOrder): Promise<void>;
  /** What has come to the sink since the call before. */
  delivered(): Promise<Delivered>;
}

/** @param modules Folder with the modules of the peers. */
export async function startSurroundings(modules: string): Promise<Surroundings> {
  const sink = await startChild(entry('sink/sink-process.js'), { args: [modules] });
  let load: Child;
  try {
    load = await startChild(entry('load/load-process.js'));
  } catch (error) {
    await sink[Symbol.asyncDispose]();
    throw error;
  }
  return {
    sinkPort: (sink.hello as { port: number }).port,
    load: async (order) => void (await load.ask(order)),
    delivered: async () => (await sink.ask({ count: true })) as Delivered,
    async [Symbol.asyncDispose]() {
      await load[Symbol.asyncDispose]();
      await sink[Symbol.asyncDispose]();
    },
  };
}

function entry(file: string): string {
  return fileURLToPath(new URL(`../dist/${file}`, import.meta.url));
}
