import { readFileSync } from 'node:fs';

import { startOtlpReceiver, startService } from '@org/tracing-testing';
import { expect, test } from 'vitest';

import { asMapping, at, items, ROOT } from '../src/yaml-files.ts';
import type { Value } from '../src/yaml-files.ts';

test('the service of the page sends its trace, and logs its id in the form of X-Ray, by what the task tells it', async () => {
  await using receiver = await startOtlpReceiver();
  await using shop = await startService({
    entry: `${ROOT}xray/shop/server.mjs`,
    // On loopback, and to the receiver in the place of the collector.
    env: {
      ...toldByTheTask(),
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '100',
      HOST: '127.0.0.1',
    },
  });
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  await fetch(`${shop.url}/items/7`, {
    headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
  });

  const trace = await receiver.waitForTrace({ spanCount: 1, remoteParents: ['00f067aa0ba902b7'] });
  expect(trace.map(({ name, traceId: id, serviceName }) => [name, id, serviceName])).toEqual([
    ['GET /items/:id', traceId, 'shop'],
  ]);
  const line = await shop.waitForLog(({ message }) => message === 'asked for 7');
  expect(line).toMatchObject({ xray_trace_id: '1-4bf92f35-77b34da6a3ce929d0e0e4736' });
});

/** The environment of the application in the task definition. */
function toldByTheTask(): Record<string, string> {
  const file = 'xray/task-definition.json';
  const task = asMapping(JSON.parse(readFileSync(ROOT + file, 'utf8')) as Value, file);
  return Object.fromEntries(
    items(at(task, 'containerDefinitions', 0, 'environment')).map((variable) => [
      String(at(variable, 'name')),
      String(at(variable, 'value')),
    ]),
  );
}
