import { trace } from '@opentelemetry/api';
import { withSpan } from '@org/tracing-core';
import { describe, expect } from 'vitest';

import { REMOTE_SPAN_ID, send, traceparent } from './client.ts';
import type { Check } from './trial.ts';

const REQUESTS = 50;

/** Requests that are under way at the same time. */
export function concurrencyTests(check: Check): void {
  describe('requests at the same time', () => {
    check('50 interleaved requests keep their own traces', async ({ start, spans }) => {
      let waiting = 0;
      let open: () => void;
      const gate = new Promise<void>((resolve) => (open = resolve));
      const { url } = await start({
        routes: [
          {
            method: 'GET',
            path: '/users/:id',
            handler: async ({ params }) => {
              waiting += 1;
              if (waiting === REQUESTS) open();
              // Nobody goes on before the last has arrived.
              await gate;
              await withSpan(`work ${params['id']}`, () => new Promise(setImmediate));
              return { body: trace.getActiveSpan()?.spanContext().traceId ?? 'none' };
            },
          },
        ],
      });

      const traceIds = Array.from({ length: REQUESTS }, (_, index) =>
        (index + 1).toString(16).padStart(32, 'a'),
      );
      const bodies = await Promise.all(
        traceIds.map(async (traceId, index) => {
          const headers = traceparent(traceId, REMOTE_SPAN_ID);
          return (await send(`${url}/users/${index}`, { headers })).body;
        }),
      );
      expect(bodies).toEqual(traceIds);

      await spans.waitForSpans(2 * REQUESTS);
      const traces = new Map(spans.traces().map((each) => [each[0]?.traceId, each]));
      expect(traces.size).toBe(REQUESTS);
      for (const [index, traceId] of traceIds.entries()) {
        expect(traces.get(traceId)).toMatchTraceTree({
          name: 'GET /users/:id',
          attributes: { 'url.path': `/users/${index}` },
          children: [{ name: `work ${index}` }],
        });
      }
    });
  });
}
