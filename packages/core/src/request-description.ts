import type { ServerResponse } from 'node:http';

import { diag, type Span, SpanStatusCode } from '@opentelemetry/api';

import { responseHeaders } from './captured-headers.ts';
import { errorText } from './diagnostics.ts';
import type { RequestFacts } from './early-request.ts';
import { type ExceptionLog, exceptionType, failSpan } from './exception.ts';
import {
  ATTR_CLIENT_ADDRESS,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  serverSpanName,
} from './http-attributes.ts';
import type { HttpServerTracer } from './server-span.ts';
import { callHook } from './user-hook.ts';

/** Source: semantic-conventions, docs/http/http-exceptions.md. */
const SERVER_EXCEPTION: ExceptionLog = { eventName: 'http.server.request.exception', severity: 'ERROR' };

/** An error of the application, and when it came: milliseconds since the Unix epoch. */
export interface Failure {
  readonly error: unknown;
  readonly time: number;
}

/** A request whose response is over. */
export interface EndedRequest<Request> {
  /** As the request arrived. */
  readonly method: string | undefined;
  /** The framework's own; undefined where the framework never had it. */
  readonly request: Request | undefined;
  readonly response: ServerResponse | undefined;
  readonly failure: Failure | undefined;
  /** Whether the connection closed before anything of the response was sent, whatever the framework did with it. */
  readonly abandoned?: boolean;
  /** Whether Node has said that the whole response went out; its head did then. */
  readonly finished?: boolean;
  /** Why the response was cut off, for `error.type`; undefined where it is whole. */
  readonly cutOff: 'aborted' | 'shutdown' | 'timeout' | undefined;
}

/** What came of a request. */
export interface Outcome {
  readonly route: string | undefined;
  /** Undefined where no head was sent, whatever the framework meant to say. */
  readonly status: number | undefined;
  /** `error.type`; undefined where the request did not fail. */
  readonly errorType: string | undefined;
}

export function outcomeOf<Request>(
  { framework }: HttpServerTracer<Request>,
  { request, response, failure, finished, cutOff, abandoned }: EndedRequest<Request>,
): Outcome {
  const route = request === undefined ? undefined : framework.route(request);
  const isHeadSent = response !== undefined && (finished || response.headersSent) && !abandoned;
  const status: number | undefined = isHeadSent ? Reflect.get(response, 'statusCode') : undefined;
  if (cutOff) return { route, status, errorType: failure ? exceptionType(failure.error) : cutOff };
  return { route, status, errorType: status !== undefined && status >= 500 ? String(status) : undefined };
}

/** Tells the span what the framework knows when it has the request. */
export function describeRequest<Request>(
  { framework, settings }: HttpServerTracer<Request>,
  span: Span,
  { headers }: RequestFacts,
  request: Request,
): void {
  try {
    const address = framework.clientAddress?.(request, headers);
    if (address !== undefined) span.setAttribute(ATTR_CLIENT_ADDRESS, address);
  } catch (error) {
    // The application may decide by a function of its own whom it trusts; and that for each request.
    diag.debug(`a server span has no client address of its framework: ${errorText(error)}`);
  }
  const { requestHook } = settings;
  if (requestHook) callHook('requestHook', () => requestHook(span, request));
}

/** Tells the span the route, where there is one. @returns The name that the span has by it. */
export function describeRoute(span: Span, method: string | undefined, route: string | undefined): string {
  const name = serverSpanName(method, route);
  if (route !== undefined) span.setAttribute(ATTR_HTTP_ROUTE, route).updateName(name);
  return name;
}

/** Tells the span what came of its request. */
export function describeOutcome<Request>(
  { settings }: HttpServerTracer<Request>,
  span: Span,
  { method, request, response, failure }: EndedRequest<Request>,
  { route, status, errorType }: Outcome,
): void {
  if (status !== undefined) span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status);
  const name = describeRoute(span, method, route);
  if (errorType !== undefined && failure) {
    failSpan(span, failure.error, {
      time: failure.time,
      type: errorType,
      event: settings.recordExceptions,
      log: SERVER_EXCEPTION,
    });
  } else if (errorType !== undefined) {
    span.setAttribute(ATTR_ERROR_TYPE, errorType);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  if (response === undefined) return;
  if (status !== undefined && settings.headers.response) {
    span.setAttributes(settings.headers.response(responseHeaders(response)));
  }
  if (request === undefined) return;
  const { spanName, responseHook } = settings;
  if (spanName) {
    const chosen = callHook('spanName', () => spanName(request, name));
    if (typeof chosen === 'string' && chosen !== '') span.updateName(chosen);
  }
  if (responseHook) callHook('responseHook', () => responseHook(span, request, response));
}
