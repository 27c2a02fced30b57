import { initTracing, withSpan } from '@org/tracing-core';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';

import { tracePg } from '../src/trace-pg.ts';
import { database } from './traced-database.ts';

const db = database();

/** How often the description of a query is asked for, by what it reads of the connection. */
async function descriptions(sampler: 'always_off' | 'always_on'): Promise<number> {
  const handle = initTracing({ serviceName: 'test', exporter: 'none', sampler });
  const undo = tracePg(pg);
  onTestFinished(async () => {
    undo();
    await handle.shutdown();
  });
  const client = await db.client();
  const parameters = (client as unknown as { connectionParameters: { database: string } })
    .connectionParameters;
  const { database: name } = parameters;
  let asked = 0;
  Object.defineProperty(parameters, 'database', {
    get() {
      asked += 1;
      return name;
    },
  });
  await withSpan('caller', () => client.query('SELECT 1'));
  return asked;
}

test('of an unsampled query nothing is computed', async () => {
  expect(await descriptions('always_off')).toBe(0);
});

test('a sampled query is described once', async () => {
  expect(await descriptions('always_on')).toBe(1);
});
