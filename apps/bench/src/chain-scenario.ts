import { startPostgres } from '@org/postgres';

import { installPeers, PEERS } from './modules.ts';
import { requestCost, type Traffic } from './request-cost.ts';
import { inRounds } from './rounds.ts';
import type { Scenario } from './scenario.ts';
import { type Service, startService } from './service.ts';
import { type SetupChoice, setupsNamed } from './setups.ts';
import { startSurroundings, type Surroundings } from './surroundings.ts';

const SETUPS = ['untraced', 'kit', 'kit-unsampled', 'stock', 'auto', 'dd-trace', 'sentry'];
const CONNECTIONS = 10;

/** Fastify → Koa → Express → PostgreSQL. */
export const chainScenario: Scenario = {
  name: 'chain',
  async run({ node, quick, say }) {
    installPeers(say);
    const rounds = quick ? 1 : 4;
    const traffic: Traffic = {
      path: '/order/anvil',
      warmUp: quick ? 2000 : 4000,
      requests: quick ? 2000 : 6000,
      connections: CONNECTIONS,
    };
    await using surroundings = await startSurroundings(PEERS);
    const postgres = await startPostgres();
    try {
      const measurements = await inRounds(setupsNamed(SETUPS), rounds, async (setup) => {
        await using services = await startServices(node, surroundings, setup, postgres.url);
        return await requestCost(services.inOrder, surroundings, traffic, setup.share);
      });
      return {
        name: 'chain',
        title: 'Chain: Fastify → Koa → Express → PostgreSQL',
        text:
          `Three services: the first two ask the next by \`fetch\`, the third queries a real PostgreSQL. CPU time of all ` +
          `three for each request from outside; ${traffic.requests} requests over ${CONNECTIONS} connections after ` +
          `${traffic.warmUp} to warm up, a quarter of them for Sentry; ${rounds} rounds.`,
        unit: 'µs',
        beyondUntraced: true,
        measurements,
      };
    } finally {
      await postgres.stop();
    }
  },
};

interface Services extends AsyncDisposable {
  /** The one that takes the requests first. */
  readonly inOrder: readonly Service[];
}

async function startServices(
  node: string,
  { sinkPort }: Surroundings,
  setup: SetupChoice,
  databaseUrl: string,
): Promise<Services> {
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
    return { inOrder: started, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}
