import { installPeers, PEERS } from './modules.ts';
import { inRounds } from './rounds.ts';
import type { Scenario } from './scenario.ts';
import { startService } from './service.ts';
import { setupsNamed } from './setups.ts';
import { startSurroundings } from './surroundings.ts';

const SETUPS = ['untraced', 'kit', 'stock', 'auto', 'dd-trace', 'sentry'];

/** What is resident after many requests. */
export const memoryScenario: Scenario = {
  name: 'memory',
  async run({ node, quick, say }) {
    installPeers(say);
    const rounds = 1;
    const requests = quick ? 20_000 : 100_000;
    await using surroundings = await startSurroundings(PEERS);
    const plain = new Map<string, number[]>();
    const collected = await inRounds(setupsNamed(SETUPS), rounds, async (setup) => {
      await using service = await startService({
        node,
        modules: PEERS,
        sinkPort: surroundings.sinkPort,
        framework: 'fastify',
        setup,
      });
      // In parts, so that the sink need not hold the spans of all.
      for (let part = 0; part < 10; part++) {
        await surroundings.load({
          origin: service.origin,
          path: '/hello/world',
          requests: (requests * (setup.share ?? 1)) / 10,
          connections: 10,
        });
        await surroundings.delivered();
      }
      const bytes = await service.residentBytes('now');
      plain.set(setup.name, [...(plain.get(setup.name) ?? []), bytes / 1e6]);
      await service.flush();
      await surroundings.delivered();
      return (await service.residentBytes('collected')) / 1e6;
    });
    const about = `${requests} of Fastify's \`GET /hello/:name\` over 10 connections, ${rounds} round; a quarter of them for Sentry.`;
    return [
      {
        name: 'memory',
        title: 'Memory',
        text: `Resident memory after ${about} Spans are sent and garbage is collected before it is read.`,
        unit: 'MB',
        beyondUntraced: true,
        measurements: collected,
      },
      {
        name: 'memory-now',
        title: 'Memory, as it is',
        text: `The same, read when the last request has been answered: garbage and spans that wait are in it.`,
        unit: 'MB',
        beyondUntraced: true,
        measurements: collected.map((each) => ({ ...each, values: plain.get(each.setup) ?? [] })),
      },
    ];
  },
};
