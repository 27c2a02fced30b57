import {
  type Context,
  diag,
  propagation,
  ROOT_CONTEXT,
  type SpanContext,
  type TextMapGetter,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api';

import { errorText } from './diagnostics.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import { propagatedHeaders } from './propagated-headers.ts';

const GETTER: TextMapGetter<OutgoingRequest> = {
  get: (request, name) => request.header(name.toLowerCase()),
  keys: () => [...propagatedHeaders()],
};

const SETTER: TextMapSetter<OutgoingRequest> = {
  set: (request, name, value) => request.setHeader(name.toLowerCase(), value),
};

/** Whether a request has a header of those that the registered propagator writes. */
export function carriesTrace(request: OutgoingRequest): boolean {
  for (const name of propagatedHeaders()) if (request.header(name) !== undefined) return true;
  return false;
}

/** The span that the headers of a request name already. */
export function traceCarriedBy(request: OutgoingRequest): SpanContext | undefined {
  return trace.getSpanContext(propagation.extract(ROOT_CONTEXT, request, GETTER));
}

/**
 * Puts the propagation headers on a request. A propagator of the application's own may throw, or write what is no
 * header: the call has its span all the same.
 *
 * @param carries Whether the request has such headers already, which are replaced.
 */
export function writeTrace(active: Context, request: OutgoingRequest, carries: boolean): void {
  try {
    if (carries) replaceTrace(active, request);
    else propagation.inject(active, request, SETTER);
  } catch (error) {
    diag.error(`an outgoing call does not carry its trace: ${errorText(error)}`);
  }
}

function replaceTrace(active: Context, request: OutgoingRequest): void {
  const headers: Record<string, string> = {};
  propagation.inject(active, headers);
  for (const name of Object.keys(headers)) request.setHeader(name.toLowerCase(), headers[name]);
  // What stood there belongs to the `traceparent` that has been replaced.
  if ('traceparent' in headers && !('tracestate' in headers)) request.setHeader('tracestate', undefined);
}
