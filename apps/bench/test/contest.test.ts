import { expect, test } from 'vitest';

import { contest } from '../src/contest.ts';
import { OWN } from '../src/modules.ts';
import { measurementsOf } from '../src/request-costs.ts';
import { type Service, startService } from '../src/service.ts';
import { setupNamed, setupsNamed } from '../src/setups.ts';
import { startSurroundings } from '../src/surroundings.ts';

test.each([true, false])(
  'each generation has new processes, and every span is counted; in turns: %j',
  async (inTurns) => {
    await using surroundings = await startSurroundings(OWN);
    const started: [string, Service][] = [];
    const size = { generations: 2, warmUp: 10, rounds: 3, requests: 20, inTurns };
    const traffic = { path: '/hello/world', connections: 2 };
    const setups = setupsNamed(['untraced', 'kit', 'stock']);
    const showings = await contest(setups, size, traffic, surroundings, async (setup) => {
      const service = await startService({
        node: process.execPath,
        modules: OWN,
        sinkPort: surroundings.sinkPort,
        framework: 'fastify',
        setup,
      });
      started.push([setup.name, service]);
      return { services: [service], [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() };
    });

    const [rehearsed, ...measured] = started.map(([name]) => name);
    expect(rehearsed).toBe('untraced');
    expect(measured).toEqual(['untraced', 'kit', 'stock', 'kit', 'stock', 'untraced']);
    const counts = [...showings].map(([{ name }, list]) => [
      name,
      list.map(({ costs, made, delivered }) => [costs.filter((cost) => cost > 0).length, made, delivered]),
    ]);
    expect(counts).toEqual([
      [
        'untraced',
        [
          [3, 0, 0],
          [3, 0, 0],
        ],
      ],
      [
        'kit',
        [
          [3, 1, 1],
          [3, 1, 1],
        ],
      ],
      [
        'stock',
        [
          [3, 3, 3],
          [3, 3, 3],
        ],
      ],
    ]);
    // They are gone.
    for (const [, service] of started) await expect(fetch(service.origin)).rejects.toThrow('fetch failed');
  },
);

test('a value is the mean of a generation, and what was lost is said', () => {
  const lossy = { ...setupNamed('sentry'), note: 'as it is' };
  const showing = { costs: [1, 2, 6], made: 3.2, delivered: 2.5 };
  const showings = new Map([[lossy, [showing, { ...showing, costs: [4] }]]]);
  expect(measurementsOf(showings, { inTurns: false })).toEqual([
    {
      setup: 'sentry',
      values: [3, 4],
      spansPerRequest: 2.5,
      note: 'as it is; is sent 25 % of the requests; loses spans: makes 3 a request',
    },
  ]);
});

test('where set-ups take turns, a value is the median of a generation', () => {
  const showing = { costs: [9, 3, 5, 2, 4], made: 1, delivered: 1 };
  const [measurement] = measurementsOf(new Map([[setupNamed('kit'), [showing]]]), { inTurns: true });
  expect(measurement?.values).toEqual([4]);
});
