import { propagation } from '@opentelemetry/api';
import { activeRequestId } from '@org/tracing-core';
import { describe, expect } from 'vitest';

import { REMOTE_SPAN_ID, REMOTE_TRACE_ID, send, traceparent } from './client.ts';
import type { Reply, ServerSetup } from './harness.ts';
import { everywhere, startHop, withHeader } from './request-id-hop.ts';
import type { Check } from './trial.ts';

type Options = NonNullable<ServerSetup['options']>;

/** Which requests have an id: not those that are excluded, but those that nobody records. */
export function requestIdReachTests(check: Check): void {
  describe('request ids', () => {
    check('an excluded request has none, nor what it calls (R7)', async (trial) => {
      const next = await trial.startNextHop();
      const active: unknown[] = [];
      const handler = async (): Promise<Reply> => {
        active.push(activeRequestId());
        await (await fetch(next.url)).text();
        return { body: 'done' };
      };
      const options: Options = { requestId: true };
      const { url } = await trial.start({ options, routes: [{ method: 'GET', path: '/health', handler }] });
      const { headers } = await send(`${url}/health`, withHeader('mine'));
      expect(headers).not.toHaveProperty('x-request-id');
      expect([active, next.headers[0]?.baggage]).toEqual([[undefined], undefined]);
    });

    check('without the option nothing is read, answered or sent (R7)', async (trial) => {
      const { see } = await startHop(trial, {});
      expect(await see(withHeader('mine'))).toEqual({
        answered: undefined,
        active: undefined,
        onSpans: [undefined],
        sent: [undefined, undefined],
      });
    });

    check('a request that is not sampled has one all the same (R8)', async (trial) => {
      const { see } = await startHop(trial);
      const headers = {
        ...traceparent(REMOTE_TRACE_ID, REMOTE_SPAN_ID, '00'),
        'x-request-id': 'mine',
      };
      expect(await see({ headers })).toEqual({ ...everywhere('mine'), onSpans: [] });
    });

    check(
      'so has one where the SDK is disabled (R8)',
      async (trial) => {
        trial.initTracing({ disabled: true });
        const carried: Record<string, string> = {};
        const handler = (): Reply => {
          carried['active'] = String(activeRequestId());
          return { body: 'done' };
        };
        const { url } = await trial.start({
          options: { requestId: true },
          routes: [{ method: 'GET', path: '/', handler }],
        });
        expect((await send(url, withHeader('mine'))).headers).toMatchObject({ 'x-request-id': 'mine' });
        expect(carried).toEqual({ active: 'mine' });
      },
      { tracing: false },
    );

    check(
      'under a provider of the application’s own the SERVER span has it, and the context too (R8)',
      async (trial) => {
        trial.useOwnProvider();
        const entries: unknown[] = [];
        const handler = (): Reply => {
          entries.push(propagation.getActiveBaggage()?.getAllEntries());
          return { body: 'done' };
        };
        const { url } = await trial.start({
          options: { requestId: true },
          routes: [{ method: 'GET', path: '/', handler }],
        });
        await send(url, withHeader('mine'));
        const [span] = await trial.spans.waitForTrace({ spanCount: 1 });
        expect(span?.attributes).toMatchObject({ request_id: 'mine' });
        expect(entries).toEqual([[['request_id', { value: 'mine' }]]]);
      },
      { tracing: false },
    );

    check('a wrong option is a TypeError that says so (F3)', async ({ start }) => {
      const wrong: readonly (readonly [value: unknown, message: string])[] = [
        ['x-request-id', "requestId: expected true, false or an object; got 'x-request-id' (string)"],
        [null, 'requestId: expected true, false or an object; got null (object)'],
        [
          { header: 'two words' },
          "requestId.header: expected the name of a header; got 'two words' (string)",
        ],
        [{ header: '' }, "requestId.header: expected the name of a header; got '' (string)"],
        [{ header: 7 }, 'requestId.header: expected the name of a header; got 7 (number)'],
      ];
      for (const [value, message] of wrong) {
        await expect(start({ options: { requestId: value } as Options })).rejects.toThrow(
          new TypeError(message),
        );
      }
    });
  });
}
