import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';

import { type Attributes, context, propagation, type Span } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { type UndiciRequest, UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';

import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_FULL,
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
  ATTR_URL_SCHEME,
} from './http-attributes.ts';
import { normalizeMethod } from './http-method.ts';
import { liveTracerProvider, patchInHand } from './patch-in-hand.ts';
import { REDACTED_QUERY_KEYS, redactUrl } from './query-redaction.ts';

/** How outgoing HTTP calls are traced. */
export interface OutgoingHttpOptions {
  /**
   * Whether a call makes a span only where a span is active. Default true: what runs at start-up or on a timer
   * makes no traces of single calls.
   */
  readonly requireParent?: boolean;
}

/**
 * Traces outgoing calls of this process: `fetch` and undici by its diagnostics channels, `node:http` and
 * `node:https` (which axios, got and node-fetch use) by wrapping `request` and `get` of the modules. Each makes
 * a CLIENT span and carries the propagation headers.
 *
 * @param options `false` traces none.
 * @returns Stops the tracing and restores the modules.
 */
export function startOutgoingHttp(options: OutgoingHttpOptions | boolean = true): () => void {
  if (options === false) return () => undefined;
  const requireParent = typeof options === 'object' ? (options.requireParent ?? true) : true;

  const undici = new UndiciInstrumentation({
    requireParentforSpans: requireParent,
    ignoreRequestHook: carryUnresolvable,
    startSpanHook: fetchAttributes,
  });
  const node = new HttpInstrumentation({
    enabled: false,
    disableIncomingRequestInstrumentation: true,
    requireParentforOutgoingSpans: requireParent,
    redactedQueryParams: [...REDACTED_QUERY_KEYS],
    responseHook: nameErrorStatus,
  });
  const restore = patchInHand(node, { http, https });
  undici.setTracerProvider(liveTracerProvider);
  // A name imported from a builtin is a copy made at link time; this makes the copies follow.
  syncBuiltinESMExports();

  return () => {
    undici.disable();
    restore();
    syncBuiltinESMExports();
  };
}

/**
 * A path such as `//` is a request like any other, and no URL to the instrumentation, which would warn of each one
 * and do nothing. Such a call makes no span, and the trace goes on behind it.
 */
function carryUnresolvable(request: UndiciRequest): boolean {
  if (URL.canParse(request.path, request.origin)) return false;
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  for (const [name, value] of Object.entries(headers)) request.addHeader(name, value);
  return true;
}

/** The instrumentation of `node:http` marks a 4xx or 5xx as an error and leaves `error.type` out. */
function nameErrorStatus(span: Span, response: { readonly statusCode?: number | undefined }): void {
  const { statusCode = 0 } = response;
  if (statusCode >= 400) span.setAttribute(ATTR_ERROR_TYPE, String(statusCode));
}

/** Corrects what the instrumentation of undici gives: no secrets, and only what the convention wants. */
function fetchAttributes(request: UndiciRequest): Attributes {
  const { origin, path } = request;
  // Resolved against the origin, as the instrumentation does it, a path of `//name` would be a host.
  const url = path.startsWith('/') ? new URL(`${new URL(origin).origin}${path}`) : new URL(path, origin);
  const attributes: Attributes = {
    [ATTR_URL_FULL]: redactUrl(url),
    [ATTR_SERVER_ADDRESS]: url.hostname,
    [ATTR_SERVER_PORT]: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
    // Of a CLIENT span the convention wants `url.full` alone.
    [ATTR_URL_PATH]: undefined,
    [ATTR_URL_QUERY]: undefined,
    [ATTR_URL_SCHEME]: undefined,
  };
  if (normalizeMethod(request.method) === request.method) {
    attributes[ATTR_HTTP_REQUEST_METHOD_ORIGINAL] = undefined;
  }
  return attributes;
}
