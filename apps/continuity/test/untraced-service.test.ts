import { traceMatchers } from '@org/tracing-testing/vitest';
import { expect, test, vi } from 'vitest';

import { chain } from './chain.ts';
import { recordHops } from './record-hops.ts';

expect.extend(traceMatchers);

// The processes start one after the other.
vi.setConfig({ testTimeout: 120_000 });

test('where B is not traced and forwards nothing, A and C are two traces', async () => {
  const { spans } = await recordHops([{ framework: 'fastify' }, 'untraced', { framework: 'koa' }]);
  const ofA = spans.filter((span) => span.serviceName === 'fastify');
  const ofC = spans.filter((span) => span.serviceName === 'koa');

  expect(spans).toHaveLength(3);
  expect(ofA).toMatchTraceTree(
    chain({ kind: 'SERVER', name: 'GET /hop/:item' }, { kind: 'CLIENT', name: 'GET' }),
  );
  expect(ofC).toMatchTraceTree({ kind: 'SERVER', name: 'GET /hop/:item' });
  expect(ofA).toBeContinuous();
  expect(ofC).toBeContinuous();
  expect(ofC[0]?.traceId).not.toBe(ofA[0]?.traceId);
});
