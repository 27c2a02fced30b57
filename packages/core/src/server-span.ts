import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

import { type Context, context, diag, ROOT_CONTEXT, type Span, SpanKind, trace } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';

import { addBaggage } from './baggage-attributes.ts';
import { meetRequestsEarly, type MetRequest, metRequest, type RequestFacts } from './early-request.ts';
import { notePlugin } from './doctor/noted.ts';
import { durationMetric, type DurationMetric } from './duration-metric.ts';
import { excludeRequest, excludeUnlessFailed } from './excluded-request.ts';
import { pathOf } from './http-attributes.ts';
import {
  type HttpServerOptions,
  type HttpServerSettings,
  readHttpServerOptions,
  warnOfUnknown,
} from './http-server-options.ts';
import { describeOutcome, describeRequest, outcomeOf } from './request-description.ts';
import type { LayerRules } from './layer-rules.ts';
import { type Caller, hasSocket, readCaller } from './request-caller.ts';
import { identify, requestIdIn, showRequestIds, withoutRequestId } from './request-id.ts';
import { RequestSpan } from './request-span.ts';
import { HTTP_SERVER_REQUEST_DURATION } from './server-duration.ts';
import { serverSpanStart } from './server-span-start.ts';
import { contextWithServerSpan } from './span-context.ts';
import { liveTracer } from './tracer.ts';
import { UnrecordedRequest } from './unrecorded-request.ts';

/** What a plugin tells core about its framework. `Request` is the framework's own request object. */
export interface HttpFramework<Request> {
  /** Instrumentation scope of the spans: the plugin's package name and version. */
  readonly scope: { readonly name: string; readonly version: string };
  /** Names of the options that the plugin takes beside those of core. Default: none. */
  readonly otherOptions?: readonly string[];
  /**
   * For a framework that gives each request a prototype of its own, after which it is dear to read and to add to: whether
   * requests are read before, and given the one property that holds what is known of them ({@link metRequest}). Default:
   * requests are read when they are opened.
   */
  readonly meetsEarly?: boolean;
  /**
   * The template that the request matched, with every mount prefix (`/users/:id`), or undefined where none
   * did. Asked once, when the response has ended.
   */
  route(request: Request): string | undefined;
  /**
   * The client's address by the framework's own trust-proxy setting; undefined for the socket's peer.
   *
   * @param headers Of the request.
   */
  clientAddress?(request: Request, headers: IncomingHttpHeaders): string | undefined;
  /**
   * The id that the framework itself has given the request, where no other request has that one. Asked where ids are
   * wanted and the caller sends none.
   */
  requestId?(request: Request): string | undefined;
}

/** One request being traced, from its arrival to the end of its response. */
export interface ServerSpan<Request> {
  /** Context of the request: it holds the SERVER span, or suppresses tracing where the request is excluded. */
  readonly context: Context;
  /** Runs the rest of the request in that context. */
  run<T>(rest: () => T): T;
  /**
   * Gives the response, whose end ends the span, and the framework's request, which knows the route. A plugin that
   * meets the response first calls it twice.
   */
  attach(response: ServerResponse, request?: Request): void;
  /** Whether route and errors of the request will be asked for; where not, a plugin need not find them out. */
  isRecording(): boolean;
  /**
   * Notes an error of the application: the first one is recorded, once, if the request fails. Any value may be thrown.
   *
   * @param replaces Whether the application has made good what was noted before, so that this one counts.
   */
  recordError(error: unknown, replaces?: boolean): void;
}

/** Opens SERVER spans for one framework. */
export interface HttpServerTracing<Request> {
  /**
   * Opens the span of a request, or returns the one that is open. A request that somebody else's
   * instrumentation has opened a SERVER span for gets that one.
   *
   * @param originalUrl The URL as it arrived, where the framework rewrites `request.url` and keeps the original
   *   elsewhere. Default: `request.originalUrl`, else `request.url`.
   * @param leaveOut Whether the application has said in the framework's own way that this request is excluded.
   * @param known The framework's request, for a framework that gives it an id.
   */
  open(
    request: IncomingMessage,
    originalUrl?: string,
    leaveOut?: boolean,
    known?: Request,
  ): ServerSpan<Request>;
  /**
   * The id that a request brings from its caller, for a framework that asks for ids before anything else; undefined
   * where it brings none, or ids are off.
   */
  broughtRequestId(request: IncomingMessage): string | undefined;
  /** What the plugin is to trace of its layers; undefined for nothing. */
  readonly layers: LayerRules<Request> | undefined;
}

/** What the spans of one registration of a plugin have in common. */
export interface HttpServerTracer<Request> {
  readonly framework: HttpFramework<Request>;
  readonly settings: HttpServerSettings<Request>;
  readonly duration: DurationMetric;
}

const SERVER_SPAN = Symbol.for('@org/tracing.server-span');
const CALLER = Symbol.for('@org/tracing.caller');

/** By this plugin or another, of this copy of the package or another. */
export type OpenedSpan = ServerSpan<never> & { readonly tracer?: HttpServerTracer<never> };

type TracedMessage = IncomingMessage & {
  originalUrl?: string;
  [SERVER_SPAN]?: OpenedSpan;
  [CALLER]?: Caller;
};

type MarkedSpan = Span & { kind?: SpanKind; [SERVER_SPAN]?: true };

/** The span that this kit, by any plugin or copy of it, holds for a request; undefined where there is none. */
export function serverSpanOf(request: object): Span | undefined {
  const within = serverContextOf(request);
  return within && trace.getSpan(within);
}

/** The context of a request that this kit traces, or leaves out; undefined where it has not met the request. */
export function serverContextOf(request: object): Context | undefined {
  return openedOf(request as TracedMessage, metRequest(request))?.context;
}

/** Where a request was met, it has no property of its own for what was opened. */
function openedOf(message: TracedMessage, met: MetRequest | undefined): OpenedSpan | undefined {
  return met === undefined ? message[SERVER_SPAN] : met.span;
}

/**
 * Prepares the tracing of one framework's requests. Semantics are decided here, the plugin answers for its
 * framework.
 *
 * @throws TypeError when an option is not what it should be.
 */
export function traceHttpServer<Request>(
  framework: HttpFramework<Request>,
  options: HttpServerOptions<Request> = {},
): HttpServerTracing<Request> {
  const settings = readHttpServerOptions(options);
  warnOfUnknown(framework.scope.name, options, framework.otherOptions);
  const { scope } = framework;
  notePlugin(scope);
  if (framework.meetsEarly) meetRequestsEarly();
  const startSpan = serverSpanStart(liveTracer(scope.name, scope.version), settings);
  const shared: HttpServerTracer<Request> = {
    framework,
    settings,
    duration: durationMetric(scope, HTTP_SERVER_REQUEST_DURATION),
  };

  const { requestId } = settings;
  if (requestId) showRequestIds();

  let told = false;

  function open(
    message: TracedMessage,
    originalUrl?: string,
    leaveOut = false,
    known?: Request,
  ): ServerSpan<Request> {
    const met = metRequest(message);
    const earlier = openedOf(message, met);
    if (earlier) {
      if (earlier.tracer !== shared && earlier.tracer) warnOfEarlier(earlier.tracer.framework.scope.name);
      return earlier;
    }
    const target = originalUrl ?? targetOf(message, met);
    const path = pathOf(target);
    const excluded = leaveOut || settings.isExcluded(path, message);
    const opened = excluded
      ? exclude(message, met, target, path)
      : begin(message, factsOf(message, met), target, path, known);
    if (met === undefined) message[SERVER_SPAN] = opened;
    else met.span = opened;
    return opened;
  }

  /** What describes a request. */
  function factsOf(message: IncomingMessage, met: MetRequest | undefined): RequestFacts {
    if (met === undefined || !framework.meetsEarly) return message;
    // Whoever has the request first may have given it others, such as those that a proxy of his vouches for.
    met.headers = Reflect.get(message, 'headers');
    return met;
  }

  /** Whoever wrote options here wants to know that they do not count. */
  function warnOfEarlier(name: string): void {
    if (told) return;
    told = true;
    diag.warn(
      `${scope.name} is registered for requests that an earlier registration of ${name} traces: the options of ` +
        'that one hold, which is said once',
    );
  }

  function begin(
    message: IncomingMessage,
    facts: RequestFacts,
    target: string,
    path: string,
    known: Request | undefined,
  ): ServerSpan<Request> {
    const active = context.active();
    const foreign = hasSocket(message) ? foreignServerSpan(active) : undefined;
    if (foreign) {
      const within = requestId ? identifiedWithin(active, callerOf(message, facts), known) : active;
      if (requestId && foreign.isRecording()) addBaggage(foreign, within);
      return new RequestSpan(shared, message, facts, foreign, within, false);
    }
    const caller = requestId ? callerOf(message, facts) : readCaller(settings, message, facts);
    const parent = requestId ? identified(caller.parent, caller.requestId, known) : caller.parent;
    const span = startSpan(message, facts, target, path, parent, caller.stranger);
    (span as MarkedSpan)[SERVER_SPAN] = true;
    const within = contextWithServerSpan(parent, span);
    if (!span.isRecording() && !shared.duration.enabled) {
      return new UnrecordedRequest(shared, message, within);
    }
    return new RequestSpan(shared, message, facts, span, within, true);
  }

  function exclude(
    message: IncomingMessage,
    met: MetRequest | undefined,
    target: string,
    path: string,
  ): ServerSpan<Request> {
    if (!settings.keepExcludedFailures) return excludeRequest(message);
    const facts = factsOf(message, met);
    return excludeUnlessFailed<Request>(message, facts, (ended, startTime, endTime) => {
      const { parent, stranger } = readCaller(settings, message, facts);
      const span = startSpan(message, facts, target, path, parent, stranger, startTime);
      try {
        if (span.isRecording()) {
          if (ended.request !== undefined) describeRequest(shared, span, facts, ended.request);
          describeOutcome(shared, span, ended, outcomeOf(shared, ended));
        }
      } finally {
        span.end(endTime);
      }
    });
  }

  /** In the context of somebody else, who has taken in what a stranger says too. */
  function identifiedWithin(active: Context, caller: Caller, known: Request | undefined): Context {
    return identified(caller.isTrusted ? active : withoutRequestId(active), caller.requestId, known);
  }

  function identified(parent: Context, brought: string | undefined, known: Request | undefined): Context {
    return identify(parent, brought ?? (known === undefined ? undefined : framework.requestId?.(known)));
  }

  /** Read once: whom to trust is the application's to say, and it may say something else the next time. */
  function callerOf(message: TracedMessage, facts: RequestFacts): Caller {
    const met = metRequest(message);
    if (met !== undefined) return (met.caller ??= readCaller(settings, message, facts));
    return (message[CALLER] ??= readCaller(settings, message, facts));
  }

  function broughtRequestId(message: IncomingMessage): string | undefined {
    if (requestId === undefined) return undefined;
    if (settings.isExcluded(pathOf(targetOf(message, metRequest(message))), message)) return undefined;
    const caller = callerOf(message, message);
    return requestIdIn(caller.parent) ?? caller.requestId;
  }

  return { open, broughtRequestId, layers: settings.layers };
}

/** The URL as it arrived, where the framework keeps it beside one that it rewrites. */
function targetOf(message: TracedMessage, met: MetRequest | undefined): string {
  // By `Reflect.get`: past V8's caches, where these do not know the request.
  const original = met === undefined ? message.originalUrl : Reflect.get(message, 'originalUrl');
  return original ?? message.url ?? '/';
}

/** A SERVER span that another instrumentation has opened and not ended. */
function foreignServerSpan(active: Context): Span | undefined {
  if (active === ROOT_CONTEXT) return undefined;
  // A layer of theirs may be active by now; upstream's instrumentation of HTTP tells its span in this way.
  const span: MarkedSpan | undefined = getRPCMetadata(active)?.span ?? trace.getSpan(active);
  if (span === undefined || span.kind !== SpanKind.SERVER || !span.isRecording()) return undefined;
  // Our own span of another request, which called this one in the same process, is that one's parent.
  return span[SERVER_SPAN] ? undefined : span;
}
