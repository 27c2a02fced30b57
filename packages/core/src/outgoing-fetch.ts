import diagnosticsChannel, { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { context, diag } from '@opentelemetry/api';

import { errorText } from './diagnostics.ts';
import type { OutgoingCall, OutgoingTracer, Peer } from './outgoing-call.ts';
import { isActiveClientSpan, isNextToActive } from './outgoing-company.ts';
import {
  hasHeader,
  UndiciOutgoingRequest,
  type UndiciRequest,
  UndiciResponse,
} from './outgoing-fetch-request.ts';
import { propagatedHeaders } from './propagated-headers.ts';

/** What undici publishes on its channels. */
interface Message {
  readonly request: TracedRequest;
  readonly socket: Peer & { readonly alpnProtocol?: string | false | null };
  readonly response: { readonly statusCode: number; readonly headers: readonly (Buffer | string)[] };
  readonly error: unknown;
}

type Listener = (message: unknown) => void;

/** Where a call is kept: on its request, since a map of many short-lived keys costs more than all else. */
const CALL = Symbol('call');

type TracedRequest = UndiciRequest & { [CALL]?: OutgoingCall };

const CREATE = 'undici:request:create';

/**
 * Traces what goes through undici, which is Node's own `fetch` too, by its diagnostics channels.
 *
 * @param shared Whether somebody else may trace the same calls. A call that somebody has traced before us on the
 *   channel is theirs.
 * @returns Stops it.
 */
export function traceFetch(tracer: OutgoingTracer, shared: boolean): () => void {
  const onCreate = listener(({ request }) => {
    const active = context.active();
    // A tunnel to a proxy is no call of the application's.
    if (request.method === 'CONNECT') return;
    const outgoing = new UndiciOutgoingRequest(request);
    const call = tracer.begin(
      outgoing,
      active,
      (carried) =>
        isActiveClientSpan(active, carried) || (others.expected && isNextToActive(active, carried)),
    );
    if (call) request[CALL] = call;
    if (outgoing.written && !isAlone()) keepHeadersSingle(request, others.found);
  });
  const others = expectOthers(shared, onCreate);
  const listeners: Readonly<Record<string, Listener>> = {
    [CREATE]: onCreate,
    'undici:client:sendHeaders': listener(({ request, socket }) => {
      request[CALL]?.connected(socket, socket.alpnProtocol === 'h2' ? '2' : '1.1');
    }),
    'undici:request:headers': listener(({ request, response }) => {
      request[CALL]?.answered(new UndiciResponse(response.statusCode, response.headers));
    }),
    'undici:request:trailers': listener(({ request }) => request[CALL]?.end()),
    'undici:request:error': listener(({ request, error }) => request[CALL]?.failed(error)),
  };
  for (const [channel, listen] of Object.entries(listeners)) subscribe(channel, listen);
  return () => {
    others.forget();
    for (const [channel, listen] of Object.entries(listeners)) unsubscribe(channel, listen);
  };
}

/** What a subscriber throws ends the process. */
function listener(listen: (message: Message) => void): Listener {
  return (message) => {
    try {
      listen(message as Message);
    } catch (error) {
      diag.error(`an outgoing call is traced in part: ${errorText(error)}`);
    }
  };
}

/** Knows whether somebody else traces the same calls, and lets us see theirs once we know. */
function expectOthers(
  shared: boolean,
  onCreate: Listener,
): { readonly expected: boolean; found(): void; forget(): void } {
  let expected = shared;
  let told = false;
  let stopped = false;
  return {
    get expected() {
      return expected;
    },
    found() {
      if (told) return;
      told = true;
      expected = true;
      diag.warn(
        'another instrumentation traces fetch and undici too: this call has a CLIENT span of each, and the headers ' +
          'of the first; later calls are left to the other',
      );
      // Last on the channel we see what the other has done. Not in the middle of a message.
      process.nextTick(() => {
        if (stopped) return;
        unsubscribe(CREATE, onCreate);
        subscribe(CREATE, onCreate);
      });
    },
    forget() {
      stopped = true;
    },
  };
}

const created = diagnosticsChannel.channel(CREATE) as { readonly _subscribers?: unknown };

/** Whether nobody else is told of new requests; as far as Node does not say, somebody is. */
function isAlone(): boolean {
  const { _subscribers: subscribers } = created;
  return Array.isArray(subscribers) && subscribers.length === 1;
}

/** Two `traceparent` headers are none: undici sends `…-01, 00-…`. A second one is not added. */
function keepHeadersSingle(request: UndiciRequest, foundOthers: () => void): void {
  const { addHeader } = request;
  if (addHeader === undefined) return;
  const addSingleHeader: typeof addHeader = (name, value) => {
    const lower = name.toLowerCase();
    if (!propagatedHeaders().includes(lower) || !hasHeader(request, lower))
      return addHeader.call(request, name, value);
    // Baggage is sent without a span too.
    if (lower !== 'baggage') foundOthers();
    return request;
  };
  request.addHeader = addSingleHeader;
}
