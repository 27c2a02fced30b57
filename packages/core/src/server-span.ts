import { IncomingMessage, type ServerResponse } from 'node:http';

import {
  type Attributes,
  type Context,
  context,
  diag,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';

import { errorText } from './diagnostics.ts';
import { bindEmitter } from './emitter-context.ts';
import { failSpan } from './exception.ts';
import {
  ATTR_CLIENT_ADDRESS,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  pathOf,
  requestAttributes,
  serverSpanName,
} from './http-attributes.ts';
import { attributesNeededAtStart } from './shared-state.ts';
import { liveTracer } from './tracer.ts';
import { type UrlExclusion, urlExclusion } from './url-exclusion.ts';

/** Options that every HTTP plugin takes. */
export interface HttpServerOptions {
  /** Requests to leave out, with everything below them. Default: the usual health endpoints. */
  readonly excludedUrls?: UrlExclusion;
  /**
   * A span for each middleware, hook and handler too, INTERNAL, below the SERVER span. Default false. What the
   * application registered before the plugin stays without spans of its own.
   */
  readonly layers?: boolean;
}

/** What a plugin tells core about its framework. `Request` is the framework's own request object. */
export interface HttpFramework<Request> {
  /** Instrumentation scope of the spans: the plugin's package name and version. */
  readonly scope: { readonly name: string; readonly version: string };
  /**
   * The template that the request matched, with every mount prefix (`/users/:id`), or undefined where none
   * did. Asked once, when the response has ended.
   */
  route(request: Request): string | undefined;
  /** The client's address by the framework's own trust-proxy setting. Default: the socket's peer. */
  clientAddress?(request: Request): string | undefined;
}

/** One request being traced, from its arrival to the end of its response. */
export interface ServerSpan<Request> {
  /** Context of the request: it holds the SERVER span, or suppresses tracing where the request is excluded. */
  readonly context: Context;
  /** Runs the rest of the request in that context. */
  run<T>(rest: () => T): T;
  /** Gives the response, whose end ends the span, and the framework's request, which knows the route. */
  attach(response: ServerResponse, request: Request): void;
  /** Notes an error of the application. It is recorded once, if the request fails. Any value may be thrown. */
  recordError(error: unknown): void;
}

/** Opens SERVER spans for one framework. */
export interface HttpServerTracing<Request> {
  /**
   * Opens the span of a request, or returns the one that is open. A request that somebody else's
   * instrumentation has opened a SERVER span for gets that one.
   *
   * @param originalUrl The URL as it arrived, where the framework rewrites `request.url` and keeps the original
   *   elsewhere. Default: `request.originalUrl`, else `request.url`.
   */
  open(request: IncomingMessage, originalUrl?: string): ServerSpan<Request>;
}

const SERVER_SPAN = Symbol.for('@org/tracing.server-span');

type TracedMessage = IncomingMessage & { originalUrl?: string; [SERVER_SPAN]?: ServerSpan<never> };

/** The span that this kit, by any plugin or copy of it, holds for a request; undefined where there is none. */
export function serverSpanOf(request: object): Span | undefined {
  const opened = (request as TracedMessage)[SERVER_SPAN];
  return opened && trace.getSpan(opened.context);
}

/**
 * Prepares the tracing of one framework's requests. Semantics are decided here, the plugin answers for its
 * framework.
 *
 * @throws TypeError when an option is not what it should be.
 */
export function traceHttpServer<Request>(
  framework: HttpFramework<Request>,
  options: HttpServerOptions = {},
): HttpServerTracing<Request> {
  const { layers = false } = options;
  if (typeof layers !== 'boolean') {
    throw new TypeError(`layers: expected true or false; got ${String(layers)} (${typeof layers})`);
  }
  const isExcluded = urlExclusion(options.excludedUrls);
  const tracer = liveTracer(framework.scope.name, framework.scope.version);

  function open(request: IncomingMessage, originalUrl?: string): ServerSpan<Request> {
    const message = request as TracedMessage;
    const known = message[SERVER_SPAN];
    if (known) return known;
    const target = originalUrl ?? message.originalUrl ?? message.url ?? '/';
    const path = pathOf(target);
    const opened = isExcluded(path, request) ? exclude(request) : begin(request, target, path);
    message[SERVER_SPAN] = opened;
    return opened;
  }

  function begin(request: IncomingMessage, target: string, path: string): ServerSpan<Request> {
    const active = context.active();
    const foreign = activeServerSpan(active);
    if (foreign) return new RequestSpan(framework, request, foreign, active, false);
    // A server that began to listen inside a span would hand that span to every request. Only a request
    // made in this process, without a socket, has its caller's context here.
    const parent = propagation.extract(hasSocket(request) ? ROOT_CONTEXT : active, request.headers);
    const early = attributesNeededAtStart();
    const span = tracer.startSpan(
      serverSpanName(request.method, undefined),
      early
        ? { kind: SpanKind.SERVER, attributes: attributesOf(request, target, path) }
        : { kind: SpanKind.SERVER },
      parent,
    );
    if (!early && span.isRecording()) span.setAttributes(attributesOf(request, target, path));
    return new RequestSpan(framework, request, span, trace.setSpan(parent, span), true);
  }

  return { open };
}

/** A SERVER span that another instrumentation has opened and not ended. */
function activeServerSpan(active: Context): Span | undefined {
  const span: (Span & { kind?: SpanKind; [SERVER_SPAN]?: true }) | undefined = trace.getSpan(active);
  if (span === undefined || span.kind !== SpanKind.SERVER || !span.isRecording()) return undefined;
  // Our own span of another request, which called this one in the same process, is that one's parent.
  return span[SERVER_SPAN] ? undefined : span;
}

/** What the request tells, or nothing where even reading it fails: the application shall be the one to find out. */
function attributesOf(request: IncomingMessage, target: string, path: string): Attributes {
  try {
    return requestAttributes(request, target, path);
  } catch (error) {
    diag.error(`a server span begins without what its request had to tell: ${errorText(error)}`);
    return {};
  }
}

function hasSocket(request: IncomingMessage): boolean {
  return request instanceof IncomingMessage || 'stream' in request;
}

/** Over HTTP/2 `finish` is emitted for a response that its client has cancelled too. */
function isCutShort(response: ServerResponse | undefined): boolean {
  const { writableEnded = true, stream }: Http2Response = response ?? {};
  return !writableEnded || Boolean(stream?.rstCode);
}

interface Http2Response {
  readonly writableEnded?: boolean;
  readonly stream?: { readonly rstCode?: number };
}

/** Node says so of a request that it handed to a listener of `upgrade`; its types leave it out. */
function isUpgraded(message: IncomingMessage & { readonly upgrade?: unknown }): boolean {
  return message.upgrade === true;
}

/** The context of every excluded request: immutable, so one serves for all. */
const SUPPRESSED = suppressTracing(ROOT_CONTEXT);

/** Its answers depend on no request, so one serves for all; its request and response are bound like any other's. */
const EXCLUDED: ServerSpan<unknown> = {
  context: SUPPRESSED,
  run: (rest) => context.with(SUPPRESSED, rest),
  attach: (response) => bindEmitter(response, SUPPRESSED),
  recordError: () => undefined,
};

function exclude(request: IncomingMessage): ServerSpan<unknown> {
  bindEmitter(request, SUPPRESSED);
  return EXCLUDED;
}

class RequestSpan<Request> implements ServerSpan<Request> {
  readonly context: Context;
  readonly #framework: HttpFramework<Request>;
  readonly #message: IncomingMessage;
  readonly #span: Span;
  /** False where another instrumentation opened the span: it is enriched, and ended by whoever opened it. */
  readonly #own: boolean;
  #response: ServerResponse | undefined;
  #request: Request | undefined;
  #failed = false;
  #error: unknown;
  #errorTime = 0;
  #ended = false;

  constructor(
    framework: HttpFramework<Request>,
    message: IncomingMessage,
    span: Span,
    active: Context,
    own: boolean,
  ) {
    this.#framework = framework;
    this.#message = message;
    this.#span = span;
    this.#own = own;
    this.context = active;
    if (own) (span as Span & { [SERVER_SPAN]?: true })[SERVER_SPAN] = true;
    // A request that never got as far as its response must not stay open.
    bindEmitter(message, active, (event) => {
      if (event === 'close' && this.#response === undefined) this.#end(event);
    });
  }

  run<T>(rest: () => T): T {
    return context.with(this.context, rest);
  }

  attach(response: ServerResponse, request: Request): void {
    if (this.#response) return;
    this.#response = response;
    this.#request = request;
    bindEmitter(response, this.context, (event) => this.#end(event));
    if (!this.#span.isRecording()) return;
    try {
      const address = this.#framework.clientAddress?.(request);
      if (address !== undefined) this.#span.setAttribute(ATTR_CLIENT_ADDRESS, address);
    } catch (error) {
      // The application may decide by a function of its own whom it trusts; and that for each request.
      diag.debug(`a server span has no client address of its framework: ${errorText(error)}`);
    }
  }

  recordError(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#error = error;
    this.#errorTime = Date.now();
  }

  #end(event: 'finish' | 'close'): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#span.isRecording()) {
      try {
        this.#describe(event === 'close' || isCutShort(this.#response));
      } catch (error) {
        diag.error(`a server span is ended without what its response had to tell: ${errorText(error)}`);
      }
    }
    if (this.#own) this.#span.end();
    this.#request = undefined;
  }

  #describe(unfinished: boolean): void {
    const span = this.#span;
    const route = this.#request === undefined ? undefined : this.#framework.route(this.#request);
    if (route !== undefined) {
      span.setAttribute(ATTR_HTTP_ROUTE, route);
      span.updateName(serverSpanName(this.#message.method, route));
    }
    const response = this.#response;
    // Where no head was sent there is no status, whatever the framework meant to say.
    const status = response?.headersSent ? response.statusCode : undefined;
    // An upgraded connection is not answered by its response, and ends by its close.
    const aborted = unfinished && response !== undefined && !isUpgraded(this.#message);
    if (status !== undefined) span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status);
    if (!aborted && (status === undefined || status < 500)) return;
    const type = aborted ? undefined : String(status);
    if (this.#failed) {
      failSpan(span, this.#error, { time: this.#errorTime, ...(type && { type }) });
    } else {
      span.setAttribute(ATTR_ERROR_TYPE, type ?? 'aborted');
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
  }
}
