import { fileURLToPath } from 'node:url';

import { startService } from '@org/tracing-testing';
import { expect, test, vi } from 'vitest';

const entry = fileURLToPath(new URL('../dist/server.js', import.meta.url));

// Whoever runs the tests may have them set.
vi.stubEnv('HOST', undefined);
vi.stubEnv('LOG_LEVEL', undefined);

// A loaded machine takes some seconds to start a process.
vi.setConfig({ testTimeout: 60_000 });

test('the commander says where it listens and stops cleanly on SIGTERM', async () => {
  await using service = await startService({ entry, env: { NEXT_URL: undefined } });
  expect(service.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await fetch(`${service.url}/health`)).status).toBe(200);
  expect(await service.stop()).toEqual({ code: 0, signal: null });
});

test('with a NEXT_URL that is no URL the commander exits with 1 and names the variable', async () => {
  const start = startService({ entry, env: { NEXT_URL: 'inventory' } });
  await expect(start).rejects.toThrow(/exited \(1\)[^]*NEXT_URL: expected an http or https URL/);
});

test('a PORT that is taken is said, and the commander exits with 1', async () => {
  await using first = await startService({ entry });
  const second = startService({ entry, env: { PORT: new URL(first.url).port } });
  await expect(second).rejects.toThrow(/exited \(1\)[^]*EADDRINUSE/);
});
