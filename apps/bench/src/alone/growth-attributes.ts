import { installPeers } from '../modules.ts';
import { inRounds } from '../rounds.ts';
import type { Scenario } from '../scenario.ts';
import { someAttributes } from './span-attributes.ts';
import { startSpanProcess } from './span-process.ts';
import { startSpanSink } from './span-sink.ts';

const COUNTS: readonly number[] = [0, 5, 10, 20, 50, 100];
const CHOICES = COUNTS.flatMap((count) =>
  ['kit', 'stock'].map((tracing) => ({ name: `${tracing}, ${count} attributes`, tracing, count })),
);

/** Four batches at a time. */
const SPANS = 2048;

/** What a span costs by the number of its attributes, made, ended and sent. */
export const growthByAttributes: Scenario = {
  name: 'growth-attributes',
  async run({ node, quick, say }) {
    installPeers(say);
    await using sink = await startSpanSink();
    const [warmUp, repeats] = quick ? [8, 10] : [20, 40];
    const measurements = await inRounds(CHOICES, quick ? 1 : 3, async ({ name }) => {
      const { tracing = '', count = 0 } = CHOICES.find((choice) => choice.name === name) ?? {};
      const destination = { url: sink.url, form: 'protobuf', queueSize: SPANS + 512 } as const;
      await using process = await startSpanProcess(node, tracing, destination);
      const send = { ask: 'send', spans: SPANS, attributes: someAttributes(count) } as const;
      for (let repeat = 0; repeat < warmUp; repeat++) await process.cost(send);
      let micros = 0;
      for (let repeat = 0; repeat < repeats; repeat++) {
        const cost = await process.cost(send);
        micros += cost.make + cost.send;
      }
      // What was sent would fill the sink's memory.
      await sink.delivered();
      return micros / (SPANS * repeats);
    });
    return {
      name: 'growth-attributes',
      title: 'Growth: attributes of a span',
      text: `CPU time of a SERVER span that is started, given so many attributes, ended and sent; ${SPANS * repeats} spans a round.`,
      unit: 'µs',
      beyondUntraced: false,
      measurements,
    };
  },
};
