import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { traceMatchers } from '@org/tracing-testing/vitest';
import { expect, test, vi } from 'vitest';

import { chain } from './chain.ts';
import { hopsOutOfTime } from './hop-times.ts';
import { built, recordHops } from './record-hops.ts';

expect.extend(traceMatchers);

const run = promisify(execFile);

// The processes start one after the other.
vi.setConfig({ testTimeout: 120_000 });

test('what has no HTTP entry: withSpan as root, and the call below it, are one trace', async () => {
  const { spans } = await recordHops([{ framework: 'express' }], (url, receiver) =>
    run(process.execPath, [built('job')], {
      env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, NEXT_URL: url },
    }),
  );

  expect(spans).toMatchTraceTree(
    chain(
      { service: 'job', kind: 'INTERNAL', name: 'nightly job' },
      { service: 'job', kind: 'CLIENT', name: 'GET' },
      { service: 'express', kind: 'SERVER', name: 'GET /hop/:item' },
    ),
  );
  expect(spans).toBeContinuous();
  expect(hopsOutOfTime(spans)).toEqual([]);
});
