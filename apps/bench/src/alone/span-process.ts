import { fileURLToPath } from 'node:url';

import { type Child, startChild } from '../child.ts';
import { PEERS } from '../modules.ts';
import type { Resident, SpanCost, SpanOrder } from './span-program.ts';
import type { Destination } from './span-tracing.ts';

const ENTRY = fileURLToPath(new URL('../../dist/alone/span-program.js', import.meta.url));

/** A process that makes spans and sends them. */
export interface SpanProcess extends AsyncDisposable {
  cost(order: Exclude<SpanOrder, { ask: 'memory' }>): Promise<SpanCost>;
  residentBytes(): Promise<number>;
}

/** @param setup `kit` or `stock`. */
export async function startSpanProcess(
  node: string,
  setup: string,
  destination: Destination,
): Promise<SpanProcess> {
  const child: Child = await startChild(ENTRY, {
    node,
    args: [setup, PEERS, JSON.stringify(destination)],
    execArgv: ['--expose-gc'],
  });
  return {
    cost: async (order) => (await child.ask(order)) as SpanCost,
    residentBytes: async () => ((await child.ask({ ask: 'memory' })) as Resident).bytes,
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
