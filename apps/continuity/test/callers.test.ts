import { traceMatchers } from '@org/tracing-testing/vitest';
import { expect, test, vi } from 'vitest';

import { chain } from './chain.ts';
import { hopsOutOfTime } from './hop-times.ts';
import { recordHops } from './record-hops.ts';

expect.extend(traceMatchers);

// The processes start one after the other.
vi.setConfig({ testTimeout: 120_000 });

test.each(['fetch', 'node:http', 'axios', 'got', 'undici'])(
  'a call by %s makes one client span and carries the trace to the next service',
  async (caller) => {
    const { spans } = await recordHops([{ framework: 'express', caller }, { framework: 'koa' }]);

    expect(spans).toMatchTraceTree(
      chain(
        { service: 'express', kind: 'SERVER', name: 'GET /hop/:item' },
        { service: 'express', kind: 'CLIENT', name: 'GET', attributes: { 'http.response.status_code': 200 } },
        { service: 'koa', kind: 'SERVER', name: 'GET /hop/:item' },
      ),
    );
    expect(spans).toBeContinuous();
    expect(hopsOutOfTime(spans)).toEqual([]);
  },
);
