import pg from 'pg';
import { expect, test } from 'vitest';

import { doctor, tracePg } from '../src/index.ts';
import { version } from '../src/version.ts';

test('the doctor knows whether pg is traced', async () => {
  const plugin = { name: '@org/tracing-pg', version };
  const undo = tracePg(pg);
  const traced = await doctor();
  undo();
  const untraced = await doctor();
  expect(traced.traced.plugins).toEqual([plugin]);
  expect(traced.untraced).toEqual([]);
  expect(untraced.traced.plugins).toEqual([]);
  expect(untraced.untraced.map(({ name }) => name)).toEqual(['pg']);
});

test("pg is not missed where upstream's instrumentation of it is loaded", async () => {
  await import('@opentelemetry/instrumentation-pg');
  expect((await doctor()).untraced).toEqual([]);
});
