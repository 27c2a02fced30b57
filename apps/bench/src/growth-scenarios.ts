import type { ContestSize, Traffic } from './contest.ts';
import { installPeers, PEERS } from './modules.ts';
import { requestCosts, sizeText } from './request-costs.ts';
import type { BenchSettings, Measurement, Scenario, ScenarioResult } from './scenario.ts';
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
      trafficOf: (connections) => ({ path: '/hello/world', connections, awake: true }),
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
      trafficOf: (spans) => ({ path: `/spans/${spans}`, connections: 10, awake: true }),
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
  trafficOf(step: number): Traffic;
}

async function grow(
  { node, quick, say }: BenchSettings,
  { name, title, what, steps, stepOf, trafficOf, env = {} }: Growth,
): Promise<ScenarioResult> {
  installPeers(say);
  const size: ContestSize = quick
    ? { generations: 1, warmUp: 3000, rounds: 1, requests: 3000, inTurns: false }
    : { generations: 2, warmUp: 6000, rounds: 1, requests: 8000, inTurns: false };
  await using surroundings = await startSurroundings(PEERS);
  const service = { node, framework: 'fastify', env };
  const measurements: Measurement[] = [];
  for (const step of steps) {
    const measured = await requestCosts(service, SETUPS, size, trafficOf(step), surroundings);
    measurements.push(...beyondUntraced(measured).map((each) => withStep(each, stepOf(step))));
  }
  return {
    name,
    title,
    text: `${what}; beyond the untraced application under the same load; ${sizeText(size)}`,
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
