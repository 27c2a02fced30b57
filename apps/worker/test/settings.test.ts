import { expect, test } from 'vitest';

import { readSettings } from '../src/settings.ts';

const NEEDED = { DATABASE_URL: 'postgres://me@127.0.0.1:5432/stock', NEXT_URL: 'http://127.0.0.1:3002' };

test('an empty variable counts as unset', () => {
  const inventory = new URL('http://127.0.0.1:3002/');
  const databaseUrl = NEEDED.DATABASE_URL;
  const defaults = { host: '127.0.0.1', port: 3003, databaseUrl, inventory, parent: 'link' };
  expect(readSettings(NEEDED)).toEqual(defaults);
  expect(readSettings({ ...NEEDED, PORT: '', HOST: '', PARENT: '' })).toEqual(defaults);
  expect(readSettings({ ...NEEDED, PORT: '0', HOST: '::1', PARENT: 'child' })).toEqual({
    ...defaults,
    port: 0,
    host: '::1',
    parent: 'child',
  });
});

test.each([
  [{ DATABASE_URL: undefined }, /^DATABASE_URL: missing/],
  [{ DATABASE_URL: 'mysql://me:secret@db' }, /^DATABASE_URL: expected a postgres:\/\/ URL$/],
  [{ NEXT_URL: '' }, /^NEXT_URL: missing/],
  [{ NEXT_URL: 'inventory' }, /^NEXT_URL: expected an http or https URL, got "inventory"$/],
  [{ PORT: '65536' }, /^PORT: .* got "65536"$/],
  [{ PARENT: 'both' }, /^PARENT: expected link or child, got "both"$/],
])('%j is refused with a message that names the variable', (env, message) => {
  expect(() => readSettings({ ...NEEDED, ...env })).toThrow(message);
});
