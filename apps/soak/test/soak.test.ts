import { expect, test, vi } from 'vitest';

import { PLUGINS, soak, type SoakOptions } from '../src/soak.ts';
import { judge, type Verdict } from '../src/verdict.ts';

vi.setConfig({ testTimeout: 180_000 });

/** Each hundred has five aborts and one error. */
const REQUESTS = 5000;

/** The same as `pnpm soak`, but short. */
async function shortSoak(options: SoakOptions): Promise<Verdict> {
  return judge(await soak({ checkpoints: 5, warmUp: 2000, ...options }));
}

test.each(PLUGINS)(`%s: after ${REQUESTS} requests nothing is left of them`, async (plugin) => {
  const verdict = await shortSoak({ plugin, requests: REQUESTS });
  expect(verdict.faults).toEqual([]);
  expect(verdict).toMatchObject({
    requests: REQUESTS,
    aborts: REQUESTS * 0.05,
    errors: REQUESTS * 0.01,
    resourcesAfter: verdict.resourcesBefore,
  });
  expect(verdict.started).toBe(verdict.ended);
  expect(verdict.started).toBeGreaterThan(REQUESTS);
});

test.each(['fastify', 'koa', 'express'] as const)('%s: nor with a span of each layer', async (plugin) => {
  const verdict = await shortSoak({ plugin, requests: 1000, layers: true, checkpoints: 1, warmUp: 500 });
  expect(verdict.faults).toEqual([]);
  expect(verdict.started).toBeGreaterThan(2.5 * 1000);
});

/** A fault in the service, of which one in twenty requests or one in a hundred leaves something. */
const faulty = { requests: 1000, checkpoints: 2, warmUp: 500, restMillis: 1500 };

test('a span that an aborted request leaves open is found', async () => {
  const { faults } = await shortSoak({ plugin: 'koa', leak: 'span', ...faulty });
  expect(faults).toContainEqual(
    expect.stringMatching(/^\d+ spans are open after 500 requests, \d+ at the end$/),
  );
});

test('a timer that a failed request leaves is found, though it does not hold the process', async () => {
  const { faults } = await shortSoak({ plugin: 'express', leak: 'timer', ...faulty });
  expect(faults).toContainEqual(expect.stringMatching(/^resources: timers \d+ → \d+$/));
});

test('a listener that a failed request leaves is found', async () => {
  const { faults } = await shortSoak({ plugin: 'fastify', leak: 'listener', ...faulty });
  expect(faults).toContainEqual(expect.stringMatching(/^listeners: process \d+ → \d+$/));
});

test('a request that is kept is found by the heap', async () => {
  const { faults } = await shortSoak({ plugin: 'koa', leak: 'request', ...faulty, requests: 2000 });
  expect(faults).toContainEqual(
    expect.stringMatching(/^the heap grows by \d+\.\d bytes a request, more than /),
  );
});
