// The collector, in a process of its own. Its parent sends one order at a time and gets one answer to each.
import type { Behaviour, CollectorCounts } from './behaviour.ts';
import { startFaultReceiver } from './fault-receiver.ts';

/** What the parent asks for: a behaviour, or the counts. */
export type Order = { readonly behave: Behaviour } | { readonly count: true };

/** What it is told: at first the port, then an answer to each order. */
export type Answer = { readonly port: number } | { readonly counts: CollectorCounts };

const receiver = await startFaultReceiver({ tls: process.argv[2] === 'tls' });
const tell = (answer: Answer): void => void process.send?.(answer);

process.on('message', (order: Order) => {
  const done = 'behave' in order ? receiver.behave(order.behave) : Promise.resolve();
  void done.then(() => tell({ counts: receiver.counts() }));
});
// The parent is gone, however it went.
process.on('disconnect', () => process.exit());
tell({ port: receiver.port });
