import { IncomingMessage } from 'node:http';

import {
  type Context,
  context,
  diag,
  propagation,
  ROOT_CONTEXT,
  type SpanContext,
  trace,
} from '@opentelemetry/api';

import { errorText } from './diagnostics.ts';
import type { RequestFacts } from './early-request.ts';
import type { HttpServerSettings } from './http-server-options.ts';
import { requestIdInHeader } from './request-id.ts';

/** What the headers of a request tell of its caller. */
export interface Caller {
  /** What the request goes on with. */
  readonly parent: Context;
  /** Whose trace it does not continue, since the caller is a stranger. */
  readonly stranger: SpanContext | undefined;
  /** False for a stranger. */
  readonly isTrusted: boolean;
  /** The id in the header, where it is listened to. */
  readonly requestId: string | undefined;
}

/** Reads the context that came with a request; a stranger's is not gone on with. */
export function readCaller(
  { publicEndpoint, requestId }: HttpServerSettings<never>,
  message: IncomingMessage,
  facts: RequestFacts,
): Caller {
  // A server that began to listen inside a span would hand that span to every request. Only a request
  // made in this process, without a socket, has its caller's context here.
  const around = hasSocket(message) ? ROOT_CONTEXT : context.active();
  const carried = propagation.extract(around, facts.headers);
  if (publicEndpoint !== false && isPublic(publicEndpoint, message)) {
    return {
      parent: around,
      stranger: trace.getSpanContext(carried),
      isTrusted: false,
      requestId: undefined,
    };
  }
  const brought = requestId && requestIdInHeader(message, requestId);
  return { parent: carried, stranger: undefined, isTrusted: true, requestId: brought };
}

function isPublic(
  publicEndpoint: HttpServerSettings<never>['publicEndpoint'],
  message: IncomingMessage,
): boolean {
  if (typeof publicEndpoint === 'boolean') return publicEndpoint;
  try {
    return Boolean(publicEndpoint(message));
  } catch (error) {
    diag.error(`publicEndpoint threw, so the caller is not trusted: ${errorText(error)}`);
    return true;
  }
}

/** Whether a request came over a connection, and was not made in this process by an adapter. */
export function hasSocket(message: IncomingMessage): boolean {
  return message instanceof IncomingMessage || 'stream' in message;
}
