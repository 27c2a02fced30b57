import { OWN } from './modules.ts';
import { type Service, startService } from './service.ts';
import { type SetupChoice, setupsNamed } from './setups.ts';
import { median } from './statistics.ts';
import { startSurroundings, type Surroundings } from './surroundings.ts';

/** What a set-up costs beyond the untraced application, as a part of what stock costs, in one run. */
export type Ratios = Readonly<Record<string, number>>;

/** How much is measured. */
export interface CheckSize {
  /** Of each set-up before anything is measured. */
  readonly warmUp: number;
  readonly rounds: number;
  /** Of each set-up in each round. */
  readonly requests: number;
}

export const CHECK_SIZE: CheckSize = { warmUp: 8000, rounds: 41, requests: 500 };

const SETUPS = ['untraced', 'floor', 'kit', 'stock'];
const CONNECTIONS = 10;

interface Contender {
  readonly setup: SetupChoice;
  readonly service: Service;
  /** Microseconds a request, one for each round. */
  readonly costs: number[];
}

/**
 * A small bench of Fastify's GET. Many short rounds of processes that stay: what else the machine does meets all of a
 * round alike, and of the ratios of the rounds the one in the middle counts.
 */
export async function measureRatios(node: string, size: CheckSize = CHECK_SIZE): Promise<Ratios> {
  await using surroundings = await startSurroundings(OWN);
  const contenders: Contender[] = [];
  try {
    for (const setup of setupsNamed(SETUPS)) {
      const service = await startService({
        node,
        modules: OWN,
        sinkPort: surroundings.sinkPort,
        framework: 'fastify',
        setup,
      });
      contenders.push({ setup, service, costs: [] });
      await send(service, surroundings, size.warmUp);
    }
    for (let round = 0; round < size.rounds; round++) {
      for (let index = 0; index < contenders.length; index++) {
        const contender = contenders[(index + round) % contenders.length];
        if (contender) await measure(contender, surroundings, size.requests);
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
  const costsOf = (name: string): readonly number[] =>
    contenders.find(({ setup }) => setup.name === name)?.costs ?? [];
  const untraced = costsOf('untraced');
  const stock = costsOf('stock');
  const beyond = (costs: readonly number[], round: number): number =>
    (costs[round] ?? Number.NaN) - (untraced[round] ?? Number.NaN);
  return Object.fromEntries(
    contenders
      .filter(({ costs }) => costs !== untraced && costs !== stock)
      .map(({ setup, costs }) => [
        setup.name,
        median(costs.map((_, round) => beyond(costs, round) / beyond(stock, round))),
      ]),
  );
}
