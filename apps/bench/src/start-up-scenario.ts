import { installPeers, PEERS } from './modules.ts';
import { inRounds } from './rounds.ts';
import type { Scenario } from './scenario.ts';
import { startService } from './service.ts';
import { setupsNamed } from './setups.ts';
import { startSurroundings } from './surroundings.ts';

const SETUPS = ['untraced', 'kit', 'stock', 'auto', 'dd-trace', 'sentry'];

/** From the start of a process to the answer of its first request. */
export const startUpScenario: Scenario = {
  name: 'start-up',
  async run({ node, quick, say }) {
    installPeers(say);
    const rounds = quick ? 3 : 11;
    await using surroundings = await startSurroundings(PEERS);
    const wall = new Map<string, number[]>();
    const cpu = await inRounds(setupsNamed(SETUPS), rounds, async (setup) => {
      const began = performance.now();
      await using service = await startService({
        node,
        modules: PEERS,
        sinkPort: surroundings.sinkPort,
        framework: 'fastify',
        setup,
      });
      const response = await fetch(`${service.origin}/hello/world`);
      await response.text();
      wall.set(setup.name, [...(wall.get(setup.name) ?? []), performance.now() - began]);
      return (await service.cpuMicros()) / 1000;
    });
    const about = `Fastify; ${rounds} rounds.`;
    return [
      {
        name: 'start-up',
        title: 'Start-up, CPU',
        text: `CPU time of a process from its start to the answer of its first request. ${about}`,
        unit: 'ms',
        beyondUntraced: true,
        measurements: cpu,
      },
      {
        name: 'start-up-wall',
        title: 'Start-up, time',
        text: `Time from the start of a process to the answer of its first request. ${about}`,
        unit: 'ms',
        beyondUntraced: true,
        measurements: cpu.map((each) => ({ ...each, values: wall.get(each.setup) ?? [] })),
      },
    ];
  },
};
