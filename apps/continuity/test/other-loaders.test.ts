import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type RunningPostgres, startPostgres } from '@org/postgres';
import { startOtlpReceiver, startService } from '@org/tracing-testing';
import { traceMatchers } from '@org/tracing-testing/vitest';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

expect.extend(traceMatchers);

const HERE = fileURLToPath(new URL('..', import.meta.url));
const REGISTERS = ['fastify', 'koa', 'express', 'pg'].flatMap((name) => [
  '--import',
  `@org/tracing-${name}/register`,
]);
const TSX = ['--import', 'tsx'];
/** The hooks on which OpenTelemetry's own start rests: of each module they make another, with setters. */
const IN_THE_MIDDLE = [
  '--no-deprecation',
  '--import',
  `data:text/javascript,import { register } from 'node:module'; register('import-in-the-middle/hook.mjs', ${JSON.stringify(new URL('.', import.meta.url).href)});`,
];

const ONE_REQUEST = {
  name: 'GET /fastify/:item',
  children: [
    {
      name: 'GET',
      children: [
        {
          name: 'GET /koa/:item',
          children: [
            { name: 'GET', children: [{ name: 'GET /express/:item', children: [{ name: 'SELECT' }] }] },
          ],
        },
      ],
    },
  ],
};

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
  afterAll(() => postgres.stop());
});

const built = (): string => join(HERE, 'dist/four-libraries.js');

/** The service in TypeScript. */
function source(): string {
  const folder = mkdtempSync(join(HERE, 'dist', 'loaders-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  copyFileSync(join(HERE, 'src/four-libraries.ts'), join(folder, 'service.ts'));
  return join(folder, 'service.ts');
}

test.each([
  ['tsx, before', source, [...TSX, ...REGISTERS]],
  ['tsx, after', source, [...REGISTERS, ...TSX]],
  ['import-in-the-middle, before', built, [...IN_THE_MIDDLE, ...REGISTERS]],
  ['import-in-the-middle, after', built, [...REGISTERS, ...IN_THE_MIDDLE]],
])(
  'all four libraries are traced from outside beside the loader hooks of %s',
  async (_whose, entry, execArgv) => {
    await using receiver = await startOtlpReceiver();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, DATABASE_URL: postgres.url };
    await using service = await startService({
      entry: entry(),
      execArgv,
      env,
      cwd: HERE,
      timeoutMillis: 30_000,
    });
    expect(await (await fetch(`${service.url}/fastify/anvil`)).text()).toBe('[{"item":"anvil"}]');
    await service.stop();
    expect(service.stderr).toBe('');
    await receiver.settled();
    expect(receiver.spans).toMatchTraceTree(ONE_REQUEST);
  },
);
