import { startPostgres } from '@org/postgres';
import { afterAll, expect, test, vi } from 'vitest';

import { SERVICES } from '../src/chain.ts';
import { type Fault, FAULTS } from '../src/faults.ts';
import { type Setting, startSetting } from '../src/lab.ts';
import { runFault } from '../src/run-fault.ts';
import { shortcomings } from '../src/shortcomings.ts';
import type { Size } from '../src/size.ts';

// Three processes start, and each fault takes some seconds of load.
vi.setConfig({ testTimeout: 120_000 });

const SIZE: Size = {
  requestsASecond: 25,
  warmUpRequests: 10,
  faultRequests: 50,
  recoveryRequests: 10,
  drainLimitMillis: 60_000,
};
/** Room for the spans of twice as many requests as last a fault, not for those of four times as many. */
const QUEUE = { size: 256, batch: 32 };
/** Long enough for a collector that is well on a loaded machine. */
const TIMEOUT_MILLIS = 2000;
/** Far more than so few spans take, far less than a leak of them all would. */
const HEAP_LIMIT_BYTES = 16e6;

const postgres = await startPostgres();
const settings = new Map<Fault['endpoint'], Setting>();

afterAll(async () => {
  await Promise.all([...settings.values()].map((setting) => setting[Symbol.asyncDispose]()));
  await postgres.stop();
});

/** Services stay for all faults behind the same kind of endpoint: what is counted are differences. */
async function settingFor(endpoint: Fault['endpoint']): Promise<Setting> {
  const setting =
    settings.get(endpoint) ??
    (await startSetting(postgres.url, endpoint, {
      queue: QUEUE,
      scheduleDelayMillis: 100,
      timeoutMillis: TIMEOUT_MILLIS,
    }));
  settings.set(endpoint, setting);
  return setting;
}

/** A queue has to overflow, and an answer to be waited for in vain. */
function lengthOf({ promise, behaviour: { does } }: Fault): number {
  if (promise === 'held') return 4;
  return does === 'hang' || does === 'delay' ? 2 : 1;
}

test.each(FAULTS)(
  'the collector: $title; no request notices, and delivered + dropped = ended',
  async (fault) => {
    const result = await runFault(
      { ...fault, length: lengthOf(fault) },
      await settingFor(fault.endpoint),
      SIZE,
    );

    expect(shortcomings(result)).toEqual([]);
    for (const name of SERVICES) {
      const { heapAtWorst, heapAtLast } = result.services[name];
      expect(heapAtWorst, name).toBeLessThan(HEAP_LIMIT_BYTES);
      expect(heapAtLast, name).toBeLessThan(HEAP_LIMIT_BYTES);
    }
  },
);
