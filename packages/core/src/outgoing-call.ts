import {
  type Context,
  diag,
  INVALID_SPAN_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';

import { errorText } from './diagnostics.ts';
import { type ExceptionLog, failSpan } from './exception.ts';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_NETWORK_PROTOCOL_VERSION,
  serverSpanName,
} from './http-attributes.ts';
import { OutgoingDuration } from './outgoing-duration.ts';
import type { OutgoingHttpSettings, OutgoingRequestInfo } from './outgoing-http-options.ts';
import { carriesTrace, traceCarriedBy, writeTrace } from './outgoing-propagation.ts';
import {
  type ClientAttributes,
  clientAttributes,
  type OutgoingRequest,
  presentAttributes,
  requestInfo,
} from './outgoing-request.ts';
import { giveAttributes } from './own-attributes.ts';
import { isValidParent } from './sdk/made-span-context.ts';
import { attributesNeededAtStart } from './shared-state.ts';
import { contextWithSpan } from './span-context.ts';
import { liveTracer } from './tracer.ts';
import { callHook } from './user-hook.ts';
import { version } from './version.ts';

/** The head of an answer. */
export interface OutgoingResponse {
  readonly status: number;
  header(name: string): string | undefined;
  headers(): Iterable<readonly [name: string, values: readonly string[]]>;
}

/** The socket's other end. */
export interface Peer {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** Source: semantic-conventions, docs/http/http-exceptions.md. */
const CLIENT_EXCEPTION: ExceptionLog = { eventName: 'http.client.request.exception', severity: 'WARN' };

/** For a call that is only measured. */
const NOT_RECORDED: Span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

/** Begins the calls of one process. */
export class OutgoingTracer {
  readonly settings: OutgoingHttpSettings;
  readonly #tracer: Tracer = liveTracer('@org/tracing-core', version);

  constructor(settings: OutgoingHttpSettings) {
    this.settings = settings;
  }

  /**
   * Starts the span of a call, as far as there is to be one, and puts the propagation headers on the request.
   *
   * @param isOthers Whether the context that the request carries already was put there by whoever traces this very
   *   call too. Where so, the call is theirs.
   * @returns Undefined where there is nothing to be recorded. Never throws.
   */
  begin(
    request: OutgoingRequest,
    active: Context,
    isOthers: (carried: SpanContext) => boolean,
  ): OutgoingCall | undefined {
    try {
      if (isTracingSuppressed(active)) return undefined;
      const { isExcluded, requireParent, redactQuery } = this.settings;
      const info = isExcluded && requestInfo(request, redactQuery);
      if (info && isExcluded?.(withoutQuery(info.url), info)) return undefined;
      const parent = trace.getSpan(active);
      const hasParent = parent !== undefined && (parent.isRecording() || isValidParent(parent.spanContext()));
      const carries = carriesTrace(request);
      const carried = carries ? traceCarriedBy(request) : undefined;
      if (carried !== undefined && hasParent && isOthers(carried)) return undefined;
      const wantsSpan = !request.endUnseen && (hasParent || (!requireParent && carried === undefined));
      const isEarly = wantsSpan && attributesNeededAtStart();
      const span = wantsSpan ? this.#start(request, active, isEarly) : NOT_RECORDED;
      const isRecorded = span.isRecording();
      const attributes = isRecorded && !isEarly ? clientAttributes(request, redactQuery) : undefined;
      // Without a span of ours the trace that the application wrote down itself goes on.
      if (wantsSpan) writeTrace(contextWithSpan(active, span), request, carries);
      else if (carried === undefined || hasParent) writeTrace(active, request, carries);
      const duration = request.endUnseen ? undefined : OutgoingDuration.begin(request);
      if (!isRecorded && duration === undefined) return undefined;
      return new OutgoingCall(span, request, this.settings, attributes, info, duration);
    } catch (error) {
      diag.error(`an outgoing call is not traced: ${errorText(error)}`);
      return undefined;
    }
  }

  #start(request: OutgoingRequest, active: Context, isEarly: boolean): Span {
    const name = serverSpanName(request.method, undefined);
    if (!isEarly) return this.#tracer.startSpan(name, { kind: SpanKind.CLIENT }, active);
    const attributes = presentAttributes(clientAttributes(request, this.settings.redactQuery));
    return this.#tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, active);
  }
}

/**
 * One call that is recorded as a span, measured, or both. It ends once, however often and in whatever order it is told
 * of the call's end.
 */
export class OutgoingCall {
  readonly #span: Span;
  readonly #settings: OutgoingHttpSettings;
  readonly #request: OutgoingRequest;
  readonly #duration: OutgoingDuration | undefined;
  /** What the span is given at its end, all at once; undefined where it has been given already. */
  #attributes: ClientAttributes | undefined;
  #info: OutgoingRequestInfo | undefined;
  #ended = false;

  /** @param attributes What is known at the start, as far as the span does not have it yet. */
  constructor(
    span: Span,
    request: OutgoingRequest,
    settings: OutgoingHttpSettings,
    attributes: ClientAttributes | undefined,
    info: OutgoingRequestInfo | undefined,
    duration: OutgoingDuration | undefined,
  ) {
    this.#span = span;
    this.#request = request;
    this.#settings = settings;
    this.#attributes = attributes;
    this.#info = info;
    this.#duration = duration;
    const { requestHook } = settings;
    if (requestHook && span.isRecording()) {
      this.#describe();
      callHook('outgoingHttp.requestHook', () => requestHook(span, this.#shown()));
    }
  }

  /** The connection is there and the request goes out. */
  connected({ remoteAddress, remotePort }: Peer, protocolVersion: string): void {
    this.#duration?.connected(protocolVersion);
    const span = this.#span;
    if (!span.isRecording()) return;
    const attributes = this.#attributes;
    if (attributes === undefined) {
      if (remoteAddress !== undefined) span.setAttribute(ATTR_NETWORK_PEER_ADDRESS, remoteAddress);
      if (remotePort !== undefined) span.setAttribute(ATTR_NETWORK_PEER_PORT, remotePort);
      span.setAttribute(ATTR_NETWORK_PROTOCOL_VERSION, protocolVersion);
    } else {
      attributes[ATTR_NETWORK_PEER_ADDRESS] = remoteAddress;
      attributes[ATTR_NETWORK_PEER_PORT] = remotePort;
      attributes[ATTR_NETWORK_PROTOCOL_VERSION] = protocolVersion;
    }
    const { request: capture } = this.#settings.headers;
    if (capture) span.setAttributes(capture(this.#request.headers()));
  }

  /** The head of the answer has come. */
  answered(response: OutgoingResponse): void {
    if (this.#ended) return;
    const span = this.#span;
    const { status } = response;
    this.#duration?.answered(status);
    if (!span.isRecording()) return;
    if (this.#attributes === undefined) span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status);
    else this.#attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = status;
    if (status >= 400) {
      this.#describe();
      span.setAttribute(ATTR_ERROR_TYPE, String(status));
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    const { headers, responseHook } = this.#settings;
    if (headers.response) span.setAttributes(headers.response(response.headers()));
    if (responseHook) {
      this.#describe();
      const info = { status, header: (name: string) => response.header(name.toLowerCase()) };
      callHook('outgoingHttp.responseHook', () => responseHook(span, this.#shown(), info));
    }
  }

  /** The call has failed, or the application has given it up, which is no error. */
  failed(error: unknown): void {
    if (this.#ended) return;
    if (!isAbort(error)) {
      const type = errorType(error);
      this.#duration?.failed(type);
      this.#describe();
      if (this.#span.isRecording()) failSpan(this.#span, error, { type, log: CLIENT_EXCEPTION });
    }
    this.end();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#describe();
    this.#span.end();
    this.#duration?.end();
  }

  /** Each attribute by itself costs as much as ten that are there already. */
  #describe(): void {
    const attributes = this.#attributes;
    if (attributes === undefined) return;
    this.#attributes = undefined;
    giveAttributes(this.#span, attributes);
  }

  #shown(): OutgoingRequestInfo {
    return (this.#info ??= requestInfo(this.#request, this.#settings.redactQuery));
  }
}

function withoutQuery(url: string): string {
  const question = url.indexOf('?');
  return question === -1 ? url : url.slice(0, question);
}

/** Source: semantic-conventions, http-spans.md: an intentional abort leaves the status unset and has no error.type. */
function isAbort(error: unknown): boolean {
  // The reason of an abort is the application's, and may be anything.
  try {
    return error instanceof Error && error.name === 'AbortError';
  } catch {
    return false;
  }
}

/** The code says more than the class: `ECONNREFUSED`. */
function errorType(error: unknown): string {
  try {
    const { code, name }: { code?: unknown; name?: unknown } = Object(error);
    if (typeof code === 'string' && code !== '') return code;
    return typeof name === 'string' && name !== '' ? name : 'Error';
  } catch {
    return 'Error';
  }
}
