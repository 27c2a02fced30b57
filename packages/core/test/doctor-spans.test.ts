import { trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';

import { doctor } from '../src/doctor/doctor.ts';
import type { TracingHandle } from '../src/init-tracing.ts';
import { complaints, finding } from './support/codes.ts';
import { listen } from './support/listen.ts';
import { deadEndpoint } from './support/otlp-sink.ts';
import { collectWarnings, oneSpan, started } from './support/started.ts';

/** A service whose spans go to a collector that answers with these statuses in turn, and then with the last. */
async function service(...statuses: readonly number[]): Promise<{ handle: TracingHandle; url: string }> {
  collectWarnings();
  const left = [...statuses];
  const endpoint = await listen((request, response) => {
    const status = left.length > 1 ? left.shift() : left[0];
    request.resume().on('end', () => response.writeHead(status ?? 200).end());
  });
  return { handle: started({ serviceName: 'shop', otlp: { endpoint } }), url: `${endpoint}/v1/traces` };
}

test('spans-none: no span has begun', async () => {
  await service(200);
  expect(complaints(await doctor())).toContain('spans-none');
});

test('spans-none is not said where no span can begin', async () => {
  started({ disabled: true });
  const report = await doctor();
  expect(complaints(report)).toEqual(['disabled', 'service-unknown', 'plugins-none', 'loggers-none']);
  expect(report).not.toHaveProperty('spans');
});

test('spans-open: spans have begun, and none has ended', async () => {
  await service(200);
  trace.getTracer('test').startSpan('open');
  expect(finding(await doctor(), 'spans-open')).toMatchObject({
    level: 'note',
    message: '1 recorded spans have begun and none has ended',
  });
});

test('export-failing: nothing gets through, since when and why', async () => {
  collectWarnings();
  const endpoint = await deadEndpoint();
  const handle = started({ serviceName: 'shop', otlp: { endpoint } });
  oneSpan();
  await handle.forceFlush();
  const report = await doctor();
  const one = report.spans?.exports[0];
  expect(one).toMatchObject({ taken: 1, exported: 0, dropped: 0, waiting: 1 });
  expect(one?.failingSince).toMatch(/^\d{4}-\d\d-\d\dT/);
  expect(finding(report, 'export-failing')?.message).toBe(
    `Spans do not get through to ${endpoint}/v1/traces since ${one?.failingSince}: ${one?.lastError?.message}`,
  );
  expect(one?.lastError?.message).toContain('ECONNREFUSED');
  expect(report.healthy).toBe(false);
});

test('spans-dropped: the collector has refused spans', async () => {
  const { handle, url } = await service(400);
  oneSpan();
  await handle.forceFlush();
  const report = await doctor();
  expect(complaints(report).slice(0, 2)).toEqual(['export-failing', 'spans-dropped']);
  expect(finding(report, 'spans-dropped')?.message).toBe(`1 of 1 spans for ${url} are lost`);
});

test('export-recovered: what went wrong is over, and nothing is lost', async () => {
  const { handle, url } = await service(503, 200);
  oneSpan();
  await handle.forceFlush();
  await handle.forceFlush();
  const report = await doctor();
  expect(report.spans?.exports[0]).toMatchObject({ exported: 1, dropped: 0 });
  expect(finding(report, 'export-recovered')).toMatchObject({
    level: 'note',
    message: expect.stringMatching(`^Sending to ${url} failed at .*Z, and works again: .*503`),
  });
  expect(report.healthy).toBe(true);
});
