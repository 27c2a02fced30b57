import { once } from 'node:events';
import {
  createServer,
  get,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';

import { activeRequestId, withSpan } from '@org/tracing-core';
import { expect, onTestFinished } from 'vitest';

import { send } from './client.ts';
import { listen, type Reply, type Route, type RunningServer, type ServerSetup } from './harness.ts';
import type { Trial } from './trial.ts';

type Options = NonNullable<ServerSetup['options']>;

const MADE = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/;
/** In place of an id that was made, which differs each time. */
export const A_NEW_ONE = 'a new one';

/** A name in the place of what differs each time. */
export const named = (id: unknown): unknown => (MADE.test(String(id)) ? A_NEW_ONE : id);

/** What came of one request. */
export interface Seen {
  /** In the header of the answer. */
  readonly answered: unknown;
  /** In the handler, by `activeRequestId()`. */
  readonly active: unknown;
  /** On the spans, each once. */
  readonly onSpans: readonly unknown[];
  /** To the next service: by `fetch` and by `node:http`. */
  readonly sent: readonly (string | undefined)[];
}

/** Everywhere the same id. */
export const everywhere = (id: string): Seen => ({
  answered: id,
  active: id,
  onSpans: [id],
  sent: [`request_id=${id}`, `request_id=${id}`],
});

export interface Hop {
  readonly server: RunningServer;
  /** Sends a request and looks where its id is; those that were made are `a new one`. */
  see(headers?: Parameters<typeof send>[1]): Promise<Seen>;
}

/** Starts a server that makes a span and two calls for each request. */
export async function startHop(trial: Trial, options: Options = { requestId: true }): Promise<Hop> {
  const next = await trial.startNextHop();
  let active: string | undefined;
  const handler = async (): Promise<Reply> => {
    active = activeRequestId();
    await withSpan('work', async () => {
      await (await fetch(next.url)).text();
      const [answer] = (await once(get(next.url), 'response')) as [IncomingMessage];
      answer.resume();
      await once(answer, 'end');
    });
    return { body: 'done' };
  };
  const routes: Route[] = ['/', '/health'].map((path) => ({ method: 'GET', path, handler }));
  const server = await trial.start({ routes, options });
  let calls = 0;
  return {
    server,
    async see(request = {}) {
      trial.spans.reset();
      const { status, headers } = await send(server.url, request);
      expect(status).toBe(200);
      await trial.spans.settled();
      const ids = new Set(trial.spans.spans.map(({ attributes }) => attributes['request_id']));
      const received = next.headers.slice(calls);
      calls = next.headers.length;
      if (ids.size === 1 && MADE.test(String(active))) {
        expect([headers['x-request-id'], ...ids], 'the id that was made').toEqual([active, active]);
      }
      return {
        answered: named(headers['x-request-id']),
        active: named(active),
        onSpans: [...ids].map(named),
        sent: received.map(baggageOf),
      };
    },
  };
}

function baggageOf({ baggage }: IncomingHttpHeaders): string | undefined {
  const member = /(?<=^request_id=)[^,]+/;
  return baggage?.toString().replace(member, (id) => String(named(id)));
}

/** A request with an id in its header. */
export const withHeader = (value: string | readonly string[]): Parameters<typeof send>[1] => ({
  headers: { 'x-request-id': value },
});

/** A server in front, which may change what it hands on. */
export async function before(
  server: RunningServer,
  change: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<RunningServer> {
  const outer = await listen(
    createServer((request, response) => {
      change(request, response);
      server.handle(request, response);
    }),
  );
  onTestFinished(() => outer.close());
  return outer;
}
