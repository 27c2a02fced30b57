import { fileURLToPath } from 'node:url';

import { startService } from '@org/tracing-testing';
import { expect, test, vi } from 'vitest';

const entry = fileURLToPath(new URL('../dist/server.js', import.meta.url));

// Whoever runs the tests may have them set.
vi.stubEnv('HOST', undefined);
vi.stubEnv('LOG_LEVEL', undefined);

// A loaded machine takes some seconds to start a process.
vi.setConfig({ testTimeout: 60_000 });

test('the dispatcher says where it listens and stops cleanly on SIGTERM', async () => {
  await using service = await startService({ entry, env: { NEXT_URL: 'http://127.0.0.1:1' } });
  expect(service.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await fetch(`${service.url}/health`)).status).toBe(200);
  expect(await service.stop()).toEqual({ code: 0, signal: null });
});

test('without NEXT_URL the dispatcher exits with 1 and names the variable', async () => {
  const start = startService({ entry, env: { NEXT_URL: undefined } });
  await expect(start).rejects.toThrow(/exited \(1\)[^]*NEXT_URL: missing/);
});

test('a PORT that is taken is said, and the dispatcher exits with 1', async () => {
  const NEXT_URL = 'http://127.0.0.1:1';
  await using first = await startService({ entry, env: { NEXT_URL } });
  const second = startService({ entry, env: { NEXT_URL, PORT: new URL(first.url).port } });
  await expect(second).rejects.toThrow(/exited \(1\)[^]*EADDRINUSE/);
});
