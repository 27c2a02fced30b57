import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { failureLook } from '../src/failure-look.ts';

beforeEach(() => {
  for (const name of ['COLUMNS', 'CI', 'NO_COLOR', 'FORCE_TTY']) vi.stubEnv(name, undefined);
  vi.stubEnv('TERM', 'xterm');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test('COLUMNS is the width, and in CI it is 120 without it', () => {
  vi.stubEnv('CI', 'true');
  expect(failureLook().width).toBe(120);
  vi.stubEnv('COLUMNS', '77');
  expect(failureLook().width).toBe(77);
});

test('there are colours on a terminal, of which vitest tells its workers by FORCE_TTY', () => {
  expect(failureLook().color).toBe(false);
  vi.stubEnv('FORCE_TTY', 'true');
  expect(failureLook().color).toBe(true);
});

test.each([
  ['CI', 'true'],
  ['NO_COLOR', '1'],
  ['TERM', 'dumb'],
])('there are none with %s=%s', (name, value) => {
  vi.stubEnv('FORCE_TTY', 'true');
  vi.stubEnv(name, value);
  expect(failureLook().color).toBe(false);
});
