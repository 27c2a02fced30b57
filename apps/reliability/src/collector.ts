import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { Behaviour, CollectorCounts } from './behaviour.ts';
import type { Answer, Order } from './collector-process.ts';

const ENTRY = fileURLToPath(new URL('../dist/collector-process.js', import.meta.url));

/** A collector in a process of its own, so that its work costs the load generator no time. */
export interface Collector extends AsyncDisposable {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** Resolves when it behaves so. */
  behave(behaviour: Behaviour): Promise<void>;
  counts(): Promise<CollectorCounts>;
}

/** Starts a collector that takes everything. */
export async function startCollector({ tls }: { readonly tls: boolean }): Promise<Collector> {
  const child = fork(ENTRY, tls ? ['tls'] : []);
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the collector ended with ${String(code)}`);
  });
  const answerOf = async (): Promise<Answer> => {
    const [answer] = await Promise.race([once(child, 'message'), ended]);
    return answer as Answer;
  };

  const first = await answerOf();
  if (!('port' in first)) throw new Error('the collector did not say its port');

  let last: Promise<unknown> = Promise.resolve();
  function ask(order: Order): Promise<CollectorCounts> {
    const answered = last.then(async () => {
      const answer = answerOf();
      child.send(order);
      const told = await answer;
      if (!('counts' in told)) throw new Error('the collector gave no counts');
      return told.counts;
    });
    last = answered.catch(() => undefined);
    return answered;
  }

  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${first.port}`,
    behave: async (behaviour) => void (await ask({ behave: behaviour })),
    counts: () => ask({ count: true }),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
