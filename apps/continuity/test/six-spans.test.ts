import { traceMatchers } from '@org/tracing-testing/vitest';
import { beforeAll, expect, test, vi } from 'vitest';

import { chain } from './chain.ts';
import { hopsOutOfTime } from './hop-times.ts';
import { type Answer, dispatch, type Recording, recordSamples } from './record-samples.ts';

expect.extend(traceMatchers);

// The processes start one after the other.
vi.setConfig({ hookTimeout: 120_000 });

let recording: Recording<Answer>;

beforeAll(async () => {
  recording = await recordSamples('A → B → C', ({ dispatcher }) =>
    dispatch(dispatcher, { sku: 'anvil', quantity: 2 }),
  );
});

test('POST /dispatch is answered with what C has in stock', () => {
  const body = { sku: 'anvil', quantity: 2, command: 'ship', pieces: 12 };
  expect(recording.sent).toEqual({ status: 200, body });
});

test('the whole chain is exactly A server → A client → B server → B client → C server → C pg, in one trace', () => {
  expect(recording.spans).toMatchTraceTree(
    chain(
      { service: 'dispatcher', kind: 'SERVER', name: 'POST /dispatch', status: 'UNSET' },
      { service: 'dispatcher', kind: 'CLIENT', name: 'POST', status: 'UNSET' },
      { service: 'commander', kind: 'SERVER', name: 'POST /command', status: 'UNSET' },
      { service: 'commander', kind: 'CLIENT', name: 'GET', status: 'UNSET' },
      { service: 'inventory', kind: 'SERVER', name: 'GET /stock/:sku', status: 'UNSET' },
      { service: 'inventory', kind: 'CLIENT', name: 'SELECT stock article', status: 'UNSET' },
    ),
  );
});

test('the spans came over HTTP in protobuf, from each service by itself', () => {
  const { contentTypes } = recording;
  expect(contentTypes.length).toBeGreaterThanOrEqual(3);
  expect(new Set(contentTypes)).toEqual(new Set(['application/x-protobuf']));
});

test('every span lies within the time of its parent, and every hop begins during the call that made it', () => {
  expect(recording.spans).toBeContinuous();
  expect(hopsOutOfTime(recording.spans)).toEqual([]);
});

test('every log line of the request carries its trace_id and the span_id of its own hop', () => {
  const ids = (name: string): object => {
    const span = recording.spans.find((each) => each.name === name);
    return { trace_id: span?.traceId, span_id: span?.spanId };
  };
  const lines = recording.logs.filter(({ message }) => message !== 'SIGTERM: stopping');
  expect(lines).toMatchObject([
    { level: 'INFO', service: 'dispatcher', message: 'dispatching 2 of anvil', ...ids('POST /dispatch') },
    { level: 'INFO', service: 'commander', message: 'command for 2 of anvil: ship', ...ids('POST /command') },
    { level: 'INFO', service: 'inventory', message: '12 pieces of anvil', ...ids('GET /stock/:sku') },
  ]);
});

test('a log line outside of any request carries zeros', () => {
  const zeros = { trace_id: '0'.repeat(32), span_id: '0'.repeat(16) };
  const lines = recording.logs.filter(({ message }) => message === 'SIGTERM: stopping');
  expect(lines).toMatchObject([
    { service: 'dispatcher', ...zeros },
    { service: 'commander', ...zeros },
    { service: 'inventory', ...zeros },
  ]);
});
