import { OWN } from './modules.ts';
import { type Service, startService } from './service.ts';
import { type SetupChoice, setupsNamed } from './setups.ts';
import { startSurroundings, type Surroundings } from './surroundings.ts';

/** What a set-up costs beyond the untraced application, as a part of what stock costs, in one run. */
export type Ratios = Readonly<Record<string, number>>;

/** How much is measured. */
export interface CheckSize {
  /** How often all begins again with new processes: each compiles the same code to something else. */
  readonly generations: number;
  /** Of each set-up before anything is measured. */
  readonly warmUp: number;
  readonly rounds: number;
  /** Of each set-up in each round. */
  readonly requests: number;
}

export const CHECK_SIZE: CheckSize = { generations: 3, warmUp: 6000, rounds: 20, requests: 400 };

const SETUPS = ['untraced', 'floor', 'kit', 'stock'];
const CONNECTIONS = 10;

interface Contender {
  readonly setup: SetupChoice;
  readonly service: Service;
  /** Microseconds a request, one for each round. */
  readonly costs: number[];
}

/**
 * A small bench of Fastify's GET, for a machine that has other things to do: many short rounds of processes that stay,
 * so that what happens meanwhile meets all alike.
 */
export async function measureRatios(node: string, size: CheckSize = CHECK_SIZE): Promise<Ratios> {
  await using surroundings = await startSurroundings(OWN);
  const generations: Ratios[] = [];
  for (let generation = 0; generation < size.generations; generation++) {
    generations.push(await measureGeneration(node, size, surroundings));
  }
  const mean = (setup: string): number =>
    generations.reduce((sum, ratios) => sum + (ratios[setup] ?? Number.NaN), 0) / generations.length;
  return Object.fromEntries(Object.keys(generations[0] ?? {}).map((setup) => [setup, mean(setup)]));
}

async function measureGeneration(
  node: string,
  { warmUp, rounds, requests }: CheckSize,
  surroundings: Surroundings,
): Promise<Ratios> {
  const { sinkPort } = surroundings;
  const contenders: Contender[] = [];
  try {
    for (const setup of setupsNamed(SETUPS)) {
      const service = await startService({ node, modules: OWN, sinkPort, framework: 'fastify', setup });
      contenders.push({ setup, service, costs: [] });
      await send(service, surroundings, warmUp);
    }
    for (let round = 0; round < rounds; round++) {
      for (let index = 0; index < contenders.length; index++) {
        const contender = contenders[(index + round) % contenders.length];
        if (contender) await measure(contender, surroundings, requests);
      }
    }
    return ratiosOf(contenders);
  } finally {
    await Promise.all(contenders.map(({ service }) => service[Symbol.asyncDispose]()));
  }
}

async function measure(
  { service, costs }: Contender,
  surroundings: Surroundings,
  requests: number,
): Promise<void> {
  const before = await service.cpuMicros();
  await send(service, surroundings, requests);
  costs.push(((await service.cpuMicros()) - before) / requests);
}

async function send(service: Service, surroundings: Surroundings, requests: number): Promise<void> {
  const { origin } = service;
  await surroundings.load({ origin, path: '/hello/world', requests, connections: CONNECTIONS });
  await service.flush();
  await surroundings.delivered();
}

function ratiosOf(contenders: readonly Contender[]): Ratios {
  const costOf = (name: string): number =>
    lowerQuartile(contenders.find(({ setup }) => setup.name === name)?.costs ?? []);
  const beyond = (name: string): number => costOf(name) - costOf('untraced');
  return Object.fromEntries(['floor', 'kit'].map((name) => [name, beyond(name) / beyond('stock')]));
}

/** What else a machine does can only add to a cost: below the middle there is less of it. */
function lowerQuartile(costs: readonly number[]): number {
  return costs.toSorted((a, b) => a - b)[Math.floor(costs.length / 4)] ?? Number.NaN;
}
