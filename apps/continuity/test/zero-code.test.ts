import { fileURLToPath } from 'node:url';

import { type RunningPostgres, startPostgres } from '@org/postgres';
import { startOtlpReceiver } from '@org/tracing-testing';
import { traceMatchers } from '@org/tracing-testing/vitest';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { chain } from './chain.ts';
import { startTraced } from './traced-process.ts';

expect.extend(traceMatchers);
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let postgres: RunningPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
  afterAll(() => postgres.stop());
});

const register = (name: string): string => `@org/tracing-${name}/register`;

test.each([
  ['--import', ['fastify', 'koa', 'express', 'pg']],
  ['--import', ['pg', 'express', 'koa', 'fastify']],
  ['--import', ['koa', 'pg', 'fastify', 'express']],
  ['--require', ['express', 'fastify', 'pg', 'koa']],
] as const)(
  'a process that knows nothing of tracing, %s of %j: one trace, one provider, the same spans',
  async (flag, names) => {
    await using receiver = await startOtlpReceiver();
    await using service = await startTraced(receiver, {
      entry: fileURLToPath(new URL('../dist/four-libraries.js', import.meta.url)),
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      execArgv: names.flatMap((name) => [flag, register(name)]),
      env: { OTEL_SERVICE_NAME: 'all', DATABASE_URL: postgres.url },
    });
    expect(await (await fetch(`${service.url}/fastify/anvil`)).text()).toBe('[{"item":"anvil"}]');
    await service.stop();
    expect(service.stderr).toBe('');
    await receiver.settled();
    expect(receiver.spans).toMatchTraceTree(
      chain(
        { kind: 'SERVER', name: 'GET /fastify/:item', service: 'all' },
        { kind: 'CLIENT', name: 'GET' },
        { kind: 'SERVER', name: 'GET /koa/:item' },
        { kind: 'CLIENT', name: 'GET' },
        { kind: 'SERVER', name: 'GET /express/:item' },
        { kind: 'CLIENT', name: 'SELECT' },
      ),
    );
    expect(receiver.spans).toBeContinuous();
    const processes = receiver.spans.map(
      ({ resourceAttributes }) => resourceAttributes['service.instance.id'],
    );
    expect(new Set(processes).size).toBe(1);
  },
);
