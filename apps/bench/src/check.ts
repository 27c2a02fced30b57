import { contest, type ContestSize, type Showing } from './contest.ts';
import { OWN } from './modules.ts';
import { startService } from './service.ts';
import { setupsNamed } from './setups.ts';
import { lowerQuartile } from './statistics.ts';
import { startSurroundings } from './surroundings.ts';

/** What a set-up costs beyond the untraced application, as a part of what stock costs, in one run. */
export type Ratios = Readonly<Record<string, number>>;

export const CHECK_SIZE: ContestSize = {
  generations: 5,
  warmUp: 6000,
  rounds: 20,
  requests: 400,
  inTurns: true,
};

const SETUPS = ['untraced', 'floor', 'kit', 'stock'];
const TRAFFIC = { path: '/hello/world', connections: 10, awake: true };

/** A small bench of Fastify's GET, for a machine that has other things to do. */
export async function measureRatios(node: string, size: ContestSize = CHECK_SIZE): Promise<Ratios> {
  await using surroundings = await startSurroundings(OWN);
  const { sinkPort } = surroundings;
  const showings = await contest(setupsNamed(SETUPS), size, TRAFFIC, surroundings, async (setup) => {
    const service = await startService({ node, modules: OWN, sinkPort, framework: 'fastify', setup });
    return { services: [service], [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() };
  });
  const byName = new Map([...showings].map(([{ name }, list]) => [name, list]));
  return Object.fromEntries(['floor', 'kit'].map((name) => [name, ratioOf(name, byName)]));
}

/** The mean of the generations. */
function ratioOf(name: string, showings: ReadonlyMap<string, readonly Showing[]>): number {
  const ratios = (showings.get(name) ?? []).map((_, generation) => {
    const cost = (setup: string): number => lowerQuartile(showings.get(setup)?.[generation]?.costs ?? []);
    return (cost(name) - cost('untraced')) / (cost('stock') - cost('untraced'));
  });
  return ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
}
