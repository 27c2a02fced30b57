import { expect, test } from 'vitest';

import type { SpanDetail } from '../src/api.ts';
import { makeSpan, spanId, traceId } from './make-span.ts';
import { runningViewer } from './running-viewer.ts';

/** A log record of span 1 of trace 1. */
function record(rest: object): object {
  return { traceId: traceId(1), spanId: spanId(1), timeUnixNano: '1700000000000000000', ...rest };
}

test('log records that come by OTLP are joined to their spans; those of no trace are taken and not kept', async () => {
  const { url, store } = await runningViewer();
  const logRecords = [
    record({ severityNumber: 17, severityText: 'ERROR', body: { stringValue: 'refused' } }),
    record({
      severityNumber: 14,
      body: { kvlistValue: { values: [{ key: 'sku', value: { stringValue: 'a' } }] } },
    }),
    record({
      severityNumber: 17,
      attributes: [
        { key: 'exception.type', value: { stringValue: 'RangeError' } },
        { key: 'exception.message', value: { stringValue: 'only one left' } },
        { key: 'request_id', value: { stringValue: 'r-1' } },
      ],
    }),
    { timeUnixNano: '1', body: { stringValue: 'started' } },
  ];
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'stock' } }] };
  const sent = await fetch(`${url}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }),
  });
  expect([sent.status, await sent.json()]).toEqual([200, {}]);
  store.addSpans([makeSpan({ span: 1 })]);

  const span = await fetch(`${url}/api/traces/${traceId(1)}/spans/${spanId(1)}`);
  const { logs } = (await span.json()) as SpanDetail;
  expect(logs.map(({ level, message, service }) => [level, message, service])).toEqual([
    ['ERROR', 'refused', 'stock'],
    ['WARN', '{"sku":"a"}', 'stock'],
    ['ERROR', 'RangeError: only one left', 'stock'],
  ]);
  expect(store.counts().logs).toBe(3);
  expect(store.get(traceId(1))?.summary().requestId).toBe('r-1');
});
