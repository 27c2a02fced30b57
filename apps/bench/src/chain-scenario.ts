import { startPostgres } from '@org/postgres';

import { contest, type Contender, type ContestSize } from './contest.ts';
import { installPeers, PEERS } from './modules.ts';
import { measurementsOf, sizeText } from './request-costs.ts';
import type { Scenario } from './scenario.ts';
import { type Service, startService } from './service.ts';
import { type SetupChoice, setupsNamed } from './setups.ts';
import { startSurroundings, type Surroundings } from './surroundings.ts';

const SETUPS = ['untraced', 'floor', 'kit', 'kit-unsampled', 'stock', 'auto', 'dd-trace', 'sentry'];
const CONNECTIONS = 10;

/** Fastify → Koa → Express → PostgreSQL. */
export const chainScenario: Scenario = {
  name: 'chain',
  async run({ node, quick, say }) {
    installPeers(say);
    const size: ContestSize = quick
      ? { generations: 1, warmUp: 3000, rounds: 12, requests: 200, inTurns: true }
      : { generations: 5, warmUp: 6000, rounds: 20, requests: 200, inTurns: true };
    const traffic = { path: '/order/anvil', connections: CONNECTIONS };
    await using surroundings = await startSurroundings(PEERS);
    const postgres = await startPostgres();
    try {
      const showings = await contest(setupsNamed(SETUPS), size, traffic, surroundings, (setup) =>
        startServices(node, surroundings, setup, postgres.url),
      );
      return {
        name: 'chain',
        title: 'Chain: Fastify → Koa → Express → PostgreSQL',
        text:
          `Three services: the first two ask the next by \`fetch\`, the third queries a real PostgreSQL. CPU time of all ` +
          `three for each request from outside, over ${CONNECTIONS} connections; ${sizeText(size)}`,
        unit: 'µs',
        beyondUntraced: true,
        measurements: measurementsOf(showings, size),
      };
    } finally {
      await postgres.stop();
    }
  },
};

async function startServices(
  node: string,
  { sinkPort }: Surroundings,
  setup: SetupChoice,
  databaseUrl: string,
): Promise<Contender> {
  const started: Service[] = [];
  async function end(): Promise<void> {
    await Promise.all(started.map((service) => service[Symbol.asyncDispose]()));
  }
  async function start(framework: string, env: Record<string, string>): Promise<string> {
    const service = await startService({ node, modules: PEERS, sinkPort, framework, setup, env });
    started.unshift(service);
    return service.origin;
  }
  try {
    const third = await start('express', { DATABASE_URL: databaseUrl });
    const second = await start('koa', { NEXT_URL: third });
    await start('fastify', { NEXT_URL: second });
    return { services: started, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}
