import { installPeers } from '../modules.ts';
import { inRounds } from '../rounds.ts';
import type { Scenario, ScenarioResult } from '../scenario.ts';
import type { SetupChoice } from '../setups.ts';
import { SERVER_ATTRIBUTES } from './span-attributes.ts';
import { startSpanProcess } from './span-process.ts';
import { startSpanSink } from './span-sink.ts';

interface ExporterChoice extends SetupChoice {
  readonly tracing: string;
  readonly form: 'json' | 'protobuf';
}

const CHOICES: readonly ExporterChoice[] = [
  { name: 'kit', tracing: 'kit', form: 'protobuf' },
  { name: 'stock', tracing: 'stock', form: 'protobuf', note: 'BatchSpanProcessor' },
  { name: 'kit, JSON', tracing: 'kit', form: 'json' },
  { name: 'stock, JSON', tracing: 'stock', form: 'json', note: 'BatchSpanProcessor' },
];

/** Ten batches at a time. */
const SPANS = 5120;

/** What it costs to send spans that have ended. */
export const exporterScenario: Scenario = {
  name: 'exporter',
  async run({ node, quick, say }) {
    installPeers(say);
    await using sink = await startSpanSink();
    const [warmUp, repeats] = quick ? [10, 10] : [20, 40];
    const bytes = new Map<string, number[]>();
    const cpu = await inRounds(CHOICES, quick ? 3 : 5, async ({ name }) => {
      const { tracing, form } = choiceNamed(name);
      const destination = { url: sink.url, form, queueSize: SPANS + 512 };
      await using process = await startSpanProcess(node, tracing, destination);
      const send = { ask: 'send', spans: SPANS, attributes: SERVER_ATTRIBUTES } as const;
      for (let repeat = 0; repeat < warmUp; repeat++) await process.cost(send);
      await sink.delivered();
      let micros = 0;
      for (let repeat = 0; repeat < repeats; repeat++) micros += (await process.cost(send)).send;
      const spans = SPANS * repeats;
      bytes.set(name, [...(bytes.get(name) ?? []), (await sink.delivered()).bytes / spans]);
      return micros / spans;
    });
    const spansText = 'SERVER spans with 13 attributes, in batches of 512, over HTTP without compression';
    return [
      {
        name: 'exporter',
        title: 'Exporter alone: CPU time a span',
        text: `CPU time of the sending process, from the end of the spans to the collector's answer. ${spansText}; ${SPANS * repeats} of them a round.`,
        unit: 'µs',
        beyondUntraced: false,
        measurements: cpu,
      },
      {
        name: 'exporter-bytes',
        title: 'Exporter alone: bytes a span',
        text: `Bodies of the requests. ${spansText}.`,
        unit: 'B',
        beyondUntraced: false,
        measurements: CHOICES.map(({ name }) => ({ setup: name, values: bytes.get(name) ?? [] })),
      },
    ] satisfies readonly ScenarioResult[];
  },
};

function choiceNamed(name: string): ExporterChoice {
  const found = CHOICES.find((choice) => choice.name === name);
  if (found === undefined) throw new Error(`no exporter "${name}"`);
  return found;
}
