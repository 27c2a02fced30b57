import { expect, test } from 'vitest';

import type { LogLine } from '../src/api.ts';
import { makeLog, makeSpan, spanId, START, traceId } from './make-span.ts';
import { runningViewer } from './running-viewer.ts';

test('all log lines of a trace are told by their time, those without a span too', async () => {
  const { url, store } = await runningViewer();
  store.addSpans([makeSpan({ span: 1 }), makeSpan({ trace: 2, span: 2 })]);
  store.addLogs([
    makeLog('third', { timeUnixNano: START + 9n, spanId: spanId(77) }),
    makeLog('second', { timeUnixNano: START + 5n, spanId: spanId(1) }),
    makeLog('first'),
  ]);
  const lines = async (trace: number) =>
    (await (await fetch(`${url}/api/traces/${traceId(trace)}/logs`)).json()) as LogLine[];
  expect((await lines(1)).map(({ message, spanId: span }) => [message, span])).toEqual([
    ['first', undefined],
    ['second', spanId(1)],
    ['third', spanId(77)],
  ]);
  expect(await lines(2)).toEqual([]);
  expect((await fetch(`${url}/api/traces/${traceId(3)}/logs`)).status).toBe(404);
});
