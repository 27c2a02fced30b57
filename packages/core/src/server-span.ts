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
  type SpanOptions,
  trace,
} from '@opentelemetry/api';
import { getRPCMetadata, RPCType, setRPCMetadata } from '@opentelemetry/core';

import { requestHeaders } from './captured-headers.ts';
import { errorText } from './diagnostics.ts';
import { durationMetric, type DurationMetric } from './duration-metric.ts';
import { excludeRequest, excludeUnlessFailed } from './excluded-request.ts';
import { pathOf, requestAttributes, serverSpanName } from './http-attributes.ts';
import {
  type HttpServerOptions,
  type HttpServerSettings,
  readHttpServerOptions,
} from './http-server-options.ts';
import { describeOutcome, describeRequest, outcomeOf } from './request-description.ts';
import type { LayerRules } from './layer-rules.ts';
import { RequestSpan } from './request-span.ts';
import { HTTP_SERVER_REQUEST_DURATION } from './server-duration.ts';
import { attributesNeededAtStart } from './shared-state.ts';
import { liveTracer } from './tracer.ts';

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
   */
  open(request: IncomingMessage, originalUrl?: string, leaveOut?: boolean): ServerSpan<Request>;
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

/** By this plugin or another, of this copy of the package or another. */
type OpenedSpan = ServerSpan<never> & { readonly tracer?: HttpServerTracer<never> };

type TracedMessage = IncomingMessage & { originalUrl?: string; [SERVER_SPAN]?: OpenedSpan };

type MarkedSpan = Span & { kind?: SpanKind; [SERVER_SPAN]?: true };

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
  options: HttpServerOptions<Request> = {},
): HttpServerTracing<Request> {
  const settings = readHttpServerOptions(options);
  const { scope } = framework;
  const tracer = liveTracer(scope.name, scope.version);
  const shared: HttpServerTracer<Request> = {
    framework,
    settings,
    duration: durationMetric(scope, HTTP_SERVER_REQUEST_DURATION),
  };

  let told = false;

  function open(message: TracedMessage, originalUrl?: string, leaveOut = false): ServerSpan<Request> {
    const known = message[SERVER_SPAN];
    if (known) {
      if (known.tracer !== shared && known.tracer) warnOfEarlier(known.tracer.framework.scope.name);
      return known;
    }
    const target = originalUrl ?? message.originalUrl ?? message.url ?? '/';
    const path = pathOf(target);
    const excluded = leaveOut || settings.isExcluded(path, message);
    const opened = excluded ? exclude(message, target, path) : begin(message, target, path);
    message[SERVER_SPAN] = opened;
    return opened;
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

  function begin(message: IncomingMessage, target: string, path: string): ServerSpan<Request> {
    const active = context.active();
    const foreign = hasSocket(message) ? foreignServerSpan(active) : undefined;
    if (foreign) return new RequestSpan(shared, message, foreign, active, false);
    // A server that began to listen inside a span would hand that span to every request. Only a request
    // made in this process, without a socket, has its caller's context here.
    const around = hasSocket(message) ? ROOT_CONTEXT : active;
    const { span, parent } = startSpan(message, target, path, around);
    (span as MarkedSpan)[SERVER_SPAN] = true;
    // Instrumentations that make layers look there for the SERVER span, and make one of their own without it.
    const within = setRPCMetadata(trace.setSpan(parent, span), { type: RPCType.HTTP, span });
    return new RequestSpan(shared, message, span, within, true);
  }

  function exclude(message: IncomingMessage, target: string, path: string): ServerSpan<Request> {
    if (!settings.keepExcludedFailures) return excludeRequest(message);
    return excludeUnlessFailed<Request>(message, (ended, startTime, endTime) => {
      const { span } = startSpan(message, target, path, ROOT_CONTEXT, startTime);
      if (span.isRecording()) {
        if (ended.request !== undefined) describeRequest(shared, span, ended.request);
        describeOutcome(shared, span, ended, outcomeOf(shared, ended));
      }
      span.end(endTime);
    });
  }

  function startSpan(
    message: IncomingMessage,
    target: string,
    path: string,
    around: Context,
    startTime?: number,
  ): { readonly span: Span; readonly parent: Context } {
    const carried = propagation.extract(around, message.headers);
    const isStranger = settings.publicEndpoint !== false && isPublic(settings.publicEndpoint, message);
    const parent = isStranger ? around : carried;
    const early = attributesNeededAtStart();
    const beginning: SpanOptions = { kind: SpanKind.SERVER };
    if (early) beginning.attributes = attributesOf(settings, message, target, path);
    if (startTime !== undefined) beginning.startTime = startTime;
    const caller = isStranger ? trace.getSpanContext(carried) : undefined;
    if (caller?.isRemote) beginning.links = [{ context: caller }];
    const span = tracer.startSpan(serverSpanName(message.method, undefined), beginning, parent);
    if (!early && span.isRecording()) span.setAttributes(attributesOf(settings, message, target, path));
    return { span, parent };
  }

  return { open, layers: settings.layers };
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

/** What the request tells, or nothing where even reading it fails: the application shall be the one to find out. */
function attributesOf(
  { redactQuery, headers }: HttpServerSettings<never>,
  message: IncomingMessage,
  target: string,
  path: string,
): Attributes {
  try {
    const attributes = requestAttributes(message, target, path, redactQuery);
    return headers.request ? { ...attributes, ...headers.request(requestHeaders(message)) } : attributes;
  } catch (error) {
    diag.error(`a server span begins without what its request had to tell: ${errorText(error)}`);
    return {};
  }
}

function hasSocket(message: IncomingMessage): boolean {
  return message instanceof IncomingMessage || 'stream' in message;
}
