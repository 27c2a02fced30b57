import { expect, test } from 'vitest';

import { readSettings } from '../src/settings.ts';

const DATABASE_URL = 'postgres://me:secret@127.0.0.1:5432/stock';

test('PORT, HOST and DATABASE_URL are read, and an empty variable counts as unset', () => {
  const databaseUrl = DATABASE_URL;
  expect(readSettings({ DATABASE_URL, PORT: '', HOST: '' })).toEqual({
    host: '127.0.0.1',
    port: 3002,
    databaseUrl,
  });
  expect(readSettings({ DATABASE_URL, PORT: '0', HOST: '::1' })).toEqual({
    host: '::1',
    port: 0,
    databaseUrl,
  });
});

test.each([
  [{}, /^DATABASE_URL: missing/],
  [{ DATABASE_URL: 'stock' }, /^DATABASE_URL: expected a postgres:\/\/ URL$/],
  [{ DATABASE_URL, PORT: 'http' }, /^PORT: expected a whole number from 0 to 65535, got "http"$/],
  [{ DATABASE_URL, PORT: '65536' }, /^PORT: .* got "65536"$/],
])('%j is refused with a message that names the variable', (env, message) => {
  expect(() => readSettings(env)).toThrow(message);
});

test('a DATABASE_URL that is refused is not repeated, since it may hold a password', () => {
  expect(() => readSettings({ DATABASE_URL: 'mysql://me:secret@127.0.0.1/stock' })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('secret') }),
  );
});
