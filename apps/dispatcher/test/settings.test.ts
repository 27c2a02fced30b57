import { expect, test } from 'vitest';

import { readSettings } from '../src/settings.ts';

const NEXT_URL = 'http://127.0.0.1:3001';

test('PORT, HOST and NEXT_URL are read, and an empty variable counts as unset', () => {
  const commander = new URL('http://127.0.0.1:3001/');
  expect(readSettings({ NEXT_URL, PORT: '', HOST: '' })).toEqual({
    host: '127.0.0.1',
    port: 3000,
    commander,
  });
  expect(readSettings({ NEXT_URL, PORT: '0', HOST: '::1' })).toEqual({ host: '::1', port: 0, commander });
});

test('a path of NEXT_URL is kept', () => {
  const { commander } = readSettings({ NEXT_URL: 'https://orders.example/commander' });
  expect(new URL('command', commander).href).toBe('https://orders.example/commander/command');
});

test.each([
  [{}, /^NEXT_URL: missing/],
  [{ NEXT_URL: 'commander' }, /^NEXT_URL: expected an http or https URL, got "commander"$/],
  [{ NEXT_URL: 'ftp://127.0.0.1' }, /^NEXT_URL: .* got "ftp:\/\/127.0.0.1"$/],
  [{ NEXT_URL: 'http://' }, /^NEXT_URL: /],
  [{ NEXT_URL, PORT: 'http' }, /^PORT: expected a whole number from 0 to 65535, got "http"$/],
  [{ NEXT_URL, PORT: '65536' }, /^PORT: .* got "65536"$/],
  [{ NEXT_URL, PORT: '-1' }, /^PORT: .* got "-1"$/],
])('%j is refused with a message that names the variable', (env, message) => {
  expect(() => readSettings(env)).toThrow(message);
});
