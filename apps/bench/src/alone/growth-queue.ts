import { installPeers } from '../modules.ts';
import { inRounds } from '../rounds.ts';
import type { Scenario, ScenarioResult } from '../scenario.ts';
import { SERVER_ATTRIBUTES } from './span-attributes.ts';
import { startSpanProcess } from './span-process.ts';
import { refusedUrl, startSpanSink } from './span-sink.ts';

const LENGTHS: readonly number[] = [0, 512, 2048, 10_000, 100_000];
const CHOICES = LENGTHS.flatMap((length) =>
  ['kit', 'stock'].map((tracing) => ({
    name: `${tracing}, ${length} waiting`,
    tracing,
    length,
    ...(tracing === 'stock' && { note: 'gives a batch up when it has failed for 10 s' }),
  })),
);

/** Below, what else a process does to its memory is more than the spans are. */
const LENGTH_FOR_MEMORY = 10_000;

/** What a span costs while others wait that cannot be sent, and what those hold. */
export const growthByQueue: Scenario = {
  name: 'growth-queue',
  async run({ node, quick, say }) {
    installPeers(say);
    await using sink = await startSpanSink();
    const refused = await refusedUrl();
    const spans = quick ? 20_000 : 100_000;
    const bytes = new Map<string, number[]>();
    const cpu = await inRounds(CHOICES, quick ? 1 : 3, async ({ name }) => {
      const { tracing = '', length = 0 } = CHOICES.find((choice) => choice.name === name) ?? {};
      const isRefused = length > 0;
      const destination = {
        url: isRefused ? refused : sink.url,
        form: 'protobuf',
        // Where nothing is refused, what is made in a few turns has to find room.
        queueSize: isRefused ? length : 8192,
      } as const;
      await using process = await startSpanProcess(node, tracing, destination);
      const attributes = SERVER_ATTRIBUTES;
      // To warm up; what does not fit is dropped.
      await process.cost({ ask: 'make', spans: Math.min(10_000, length || 10_000), attributes });
      const before = await process.residentBytes();
      const filled = Math.max(0, length - 10_000);
      if (filled > 0) {
        await process.cost({ ask: 'make', spans: filled, attributes });
        const held = ((await process.residentBytes()) - before) / filled;
        bytes.set(name, [...(bytes.get(name) ?? []), held]);
      }
      const { make } = await process.cost({ ask: 'make', spans, attributes });
      await sink.delivered();
      return make / spans;
    });
    return [
      {
        name: 'growth-queue',
        title: 'Growth: spans that wait',
        text: `CPU time of a SERVER span with 13 attributes that is made while so many others wait, since the collector refuses connections; ${spans} spans a round. With none waiting, the collector takes them, and sending is in the figure.`,
        unit: 'µs',
        beyondUntraced: false,
        measurements: cpu,
      },
      {
        name: 'growth-queue-memory',
        title: 'Growth: memory of a span that waits',
        text: `Resident memory after garbage collection, of each of the spans that wait beyond the first ${LENGTH_FOR_MEMORY}.`,
        unit: 'B',
        beyondUntraced: false,
        measurements: [...bytes].map(([setup, values]) => ({ setup, values })),
      },
    ] satisfies readonly ScenarioResult[];
  },
};
