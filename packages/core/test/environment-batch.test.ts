import { expect, test } from 'vitest';

import { otlpSink, spanNames } from './support/otlp-sink.ts';
import { collectWarnings, oneSpan, started } from './support/started.ts';

/** An hour: within a test, never. */
const NEVER = '3600000';

function environmentFor(url: string): Record<string, string> {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: NEVER,
  };
}

test('OTEL_BSP_SCHEDULE_DELAY is the time after which spans are sent by themselves', async () => {
  const sink = await otlpSink();
  started({}, { ...environmentFor(sink.url), OTEL_BSP_SCHEDULE_DELAY: '1' });
  oneSpan();
  expect(spanNames(await sink.next())).toEqual(['span']);
});

test('OTEL_BSP_MAX_EXPORT_BATCH_SIZE is the number of spans in one export', async () => {
  const sink = await otlpSink();
  const environment = { ...environmentFor(sink.url), OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2' };
  const handle = started({}, environment);
  for (const name of ['1', '2', '3']) oneSpan(name);
  expect(spanNames(await sink.next())).toEqual(['1', '2']);
  await handle.forceFlush();
  expect(spanNames(await sink.next())).toEqual(['3']);
});

test('by default 512 spans are one export, and 2048 wait while another is on its way', async () => {
  const { promise, resolve: release } = deferred();
  const sink = await otlpSink({ answer: () => promise });
  const handle = started({}, environmentFor(sink.url));
  for (let count = 0; count < 512; count++) oneSpan('first');
  expect(spanNames(await sink.next())).toHaveLength(512);
  for (let count = 0; count < 2048 + 10; count++) oneSpan('later');
  release();
  await handle.forceFlush();
  expect(sink.received.map((received) => spanNames(received).length)).toEqual([512, 512, 512, 512, 512]);
});

test('OTEL_BSP_MAX_QUEUE_SIZE is the number of spans that wait while another batch is on its way', async () => {
  const { promise, resolve: release } = deferred();
  const sink = await otlpSink({ answer: () => promise });
  const environment = { ...environmentFor(sink.url), OTEL_BSP_MAX_QUEUE_SIZE: '2' };
  const handle = started({}, environment);
  oneSpan('sent');
  oneSpan('sent');
  expect(spanNames(await sink.next())).toEqual(['sent', 'sent']);
  for (const name of ['waits', 'waits', 'dropped']) oneSpan(name);
  release();
  await handle.forceFlush();
  expect(spanNames(await sink.next())).toEqual(['waits', 'waits']);
});

test('OTEL_BSP_EXPORT_TIMEOUT bounds one export', async () => {
  const warnings = collectWarnings();
  const sink = await otlpSink({ answer: () => new Promise(() => undefined) });
  const environment = { ...environmentFor(sink.url), OTEL_BSP_EXPORT_TIMEOUT: '1' };
  const handle = started({ shutdownTimeoutMillis: 1 }, environment);
  oneSpan();
  await handle.forceFlush();
  expect(warnings).toEqual([expect.stringContaining('no answer within 1 ms')]);
});

test('OTEL_BSP_EXPORT_TIMEOUT=0 means no bound', async () => {
  const warnings = collectWarnings();
  const sink = await otlpSink();
  const environment = { ...environmentFor(sink.url), OTEL_BSP_EXPORT_TIMEOUT: '0' };
  const handle = started({}, environment);
  oneSpan();
  await handle.forceFlush();
  expect(warnings).toEqual([]);
});

test('batch in code wins over the environment', async () => {
  const sink = await otlpSink();
  const environment = {
    ...environmentFor(sink.url),
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1',
    OTEL_BSP_MAX_QUEUE_SIZE: '1',
  };
  started({ batch: { maxExportBatchSize: 3, maxQueueSize: 3 } }, environment);
  for (const name of ['1', '2', '3']) oneSpan(name);
  expect(spanNames(await sink.next())).toEqual(['1', '2', '3']);
});

test('forceFlush waits for the batch that is on its way already', async () => {
  const order: string[] = [];
  const { promise, resolve: release } = deferred();
  const sink = await otlpSink({ answer: () => promise.then(() => void order.push('answered')) });
  const handle = started({}, { ...environmentFor(sink.url), OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1' });
  oneSpan();
  await sink.next();
  setImmediate(release);
  await handle.forceFlush();
  order.push('flushed');
  expect(order).toEqual(['answered', 'flushed']);
});

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
