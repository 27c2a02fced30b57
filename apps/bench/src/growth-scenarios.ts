import { installPeers, PEERS } from './modules.ts';
import { requestCost, type Traffic } from './request-cost.ts';
import { inRounds } from './rounds.ts';
import type { BenchSettings, Measurement, Scenario, ScenarioResult } from './scenario.ts';
import { startService } from './service.ts';
import { setupsNamed } from './setups.ts';
import { median } from './statistics.ts';
import { startSurroundings } from './surroundings.ts';

const SETUPS = ['untraced', 'floor', 'kit', 'stock'];

/** How the cost of a request grows with the number of connections that send at the same time. */
export const growthOfConnections: Scenario = {
  name: 'growth-connections',
  run: (settings) =>
    grow(settings, {
      name: 'growth-connections',
      title: 'Growth with connections',
      what: 'Fastify’s `GET /hello/:name`, as many requests at the same time as there are connections',
      steps: [1, 10, 100, 1000],
      stepOf: (connections) => `${connections} at a time`,
      trafficOf: (connections, counts) => ({ ...counts, path: '/hello/world', connections }),
    }),
};

/** How the cost of a request grows with the spans that the application makes in it. */
export const growthOfSpans: Scenario = {
  name: 'growth-spans',
  run: (settings) =>
    grow(settings, {
      name: 'growth-spans',
      title: 'Growth with spans',
      what:
        'Fastify’s GET whose handler opens and ends so many spans by `startActiveSpan` of the API; ' +
        '`OTEL_BSP_MAX_QUEUE_SIZE` has room for all',
      steps: [0, 1, 5, 20, 100],
      stepOf: (spans) => `${spans} spans more`,
      trafficOf: (spans, { warmUp, requests }) => ({
        path: `/spans/${spans}`,
        // What is to be sent is kept in bounds.
        warmUp: spans > 10 ? warmUp / 4 : warmUp,
        requests: spans > 10 ? requests / 4 : requests,
        connections: 10,
      }),
      env: { OTEL_BSP_MAX_QUEUE_SIZE: '1000000' },
    }),
};

interface Growth {
  readonly name: string;
  readonly title: string;
  readonly what: string;
  readonly steps: readonly number[];
  stepOf(step: number): string;
  /** Of the services. */
  readonly env?: Readonly<Record<string, string>>;
  trafficOf(step: number, counts: Pick<Traffic, 'warmUp' | 'requests'>): Traffic;
}

async function grow(
  { node, quick, say }: BenchSettings,
  { name, title, what, steps, stepOf, trafficOf, env = {} }: Growth,
): Promise<ScenarioResult> {
  installPeers(say);
  const rounds = quick ? 1 : 3;
  const counts = { warmUp: quick ? 2000 : 6000, requests: quick ? 4000 : 12_000 };
  await using surroundings = await startSurroundings(PEERS);
  const { sinkPort } = surroundings;
  const measurements: Measurement[] = [];
  for (const step of steps) {
    const measured = await inRounds(setupsNamed(SETUPS), rounds, async (setup) => {
      await using service = await startService({
        node,
        modules: PEERS,
        sinkPort,
        framework: 'fastify',
        setup,
        env,
      });
      return await requestCost([service], surroundings, trafficOf(step, counts));
    });
    measurements.push(...beyondUntraced(measured).map((each) => withStep(each, stepOf(step))));
  }
  return {
    name,
    title,
    text: `${what}; beyond the untraced application under the same load, ${rounds} rounds.`,
    unit: 'µs',
    beyondUntraced: false,
    measurements,
  };
}

function beyondUntraced(measured: readonly Measurement[]): Measurement[] {
  const untraced = median(measured.find(({ setup }) => setup === 'untraced')?.values ?? []);
  return measured
    .filter(({ setup }) => setup !== 'untraced')
    .map((each) => ({ ...each, values: each.values.map((value) => value - untraced) }));
}

function withStep({ setup, ...rest }: Measurement, step: string): Measurement {
  const { note, ...figures } = rest;
  return { setup: `${setup}, ${step}`, ...figures, ...(note?.includes('loses') && { note }) };
}
