import type { SpanRecord } from '@org/tracing-core';
import { traceMatchers } from '@org/tracing-testing/vitest';
import { expect, test, vi } from 'vitest';

import { chain } from './chain.ts';
import { hopsOutOfTime } from './hop-times.ts';
import { recordHops } from './record-hops.ts';

expect.extend(traceMatchers);

// The processes start one after the other.
vi.setConfig({ testTimeout: 120_000 });

test.each([
  ['fastify', 'koa', 'express'],
  ['fastify', 'express', 'koa'],
  ['koa', 'fastify', 'express'],
  ['koa', 'express', 'fastify'],
  ['express', 'fastify', 'koa'],
  ['express', 'koa', 'fastify'],
])('%s → %s → %s is one trace of exactly five spans', async (a, b, c) => {
  const { spans, logs } = await recordHops([{ framework: a }, { framework: b }, { framework: c }]);

  expect(spans).toMatchTraceTree(
    chain(
      { service: a, kind: 'SERVER', name: 'GET /hop/:item', status: 'UNSET' },
      { service: a, kind: 'CLIENT', name: 'GET', status: 'UNSET' },
      { service: b, kind: 'SERVER', name: 'GET /hop/:item', status: 'UNSET' },
      { service: b, kind: 'CLIENT', name: 'GET', status: 'UNSET' },
      { service: c, kind: 'SERVER', name: 'GET /hop/:item', status: 'UNSET' },
    ),
  );
  expect(spans).toBeContinuous();
  expect(hopsOutOfTime(spans)).toEqual([]);

  expect(logs).toMatchObject(
    [a, b, c].map((service) => {
      const { traceId, spanId } = spans.find((span) => span.serviceName === service && isServer(span)) ?? {};
      return { service, message: 'hop x', trace_id: traceId, span_id: spanId };
    }),
  );
});

function isServer({ name }: SpanRecord): boolean {
  return name === 'GET /hop/:item';
}
