import type { ServerResponse } from 'node:http';

import { type Attributes, context as api, type Span, trace } from '@opentelemetry/api';
import {
  failSpan,
  type Layer,
  type LayerRules,
  liveTracer,
  serverSpanOf,
  whenResponseAbandoned,
} from '@org/tracing-core';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';

import { version } from './version.ts';

const tracer = liveTracer('@org/tracing-fastify', version);

/** The hooks of a request; those of the application itself (onReady, onRoute, onClose, …) are no layers. */
const REQUEST_HOOKS = [
  'onRequest',
  'preParsing',
  'preValidation',
  'preHandler',
  'preSerialization',
  'onSend',
  'onError',
  'onResponse',
] as const;

type LayerFunction = (this: unknown, ...args: unknown[]) => unknown;

type Rules = LayerRules<FastifyRequest>;

/** Gives hooks and handlers that are added from here on, in this scope and below, a span each. */
export function traceLayers(instance: FastifyInstance, rules: Rules): void {
  const names: ReadonlySet<string> = new Set(REQUEST_HOOKS);
  const addHook = instance.addHook as LayerFunction;
  instance.addHook = function addLayer(this: FastifyInstance, name: string, hook: LayerFunction) {
    const traced = names.has(name) && typeof hook === 'function' ? hookLayer(name, hook, rules) : hook;
    return Reflect.apply(addHook, this, [name, traced]) as FastifyInstance;
  } as FastifyInstance['addHook'];

  Reflect.apply(addHook, instance, ['onRoute', (options: RouteOptions) => traceRoute(options, rules)]);
}

function traceRoute(options: RouteOptions, rules: Rules): void {
  const route = options as unknown as Record<string, unknown>;
  for (const name of REQUEST_HOOKS) {
    const hooks = route[name];
    if (Array.isArray(hooks)) route[name] = hooks.map((hook: LayerFunction) => hookLayer(name, hook, rules));
    else if (typeof hooks === 'function') route[name] = hookLayer(name, hooks as LayerFunction, rules);
  }
  const handler = options.handler as unknown;
  if (typeof handler !== 'function') return;
  const layer = { type: 'handler', name: handler.name || 'anonymous' };
  route['handler'] = tracedLayer(handler as LayerFunction, layer, rules);
}

function hookLayer(hook: string, run: LayerFunction, rules: Rules): LayerFunction {
  // Fastify refuses an async hook that takes a callback too; it must get to see that one.
  if (run.constructor.name === 'AsyncFunction' && run.length > 2) return run;
  return tracedLayer(run, { type: 'hook', name: run.name || 'anonymous', hook }, rules);
}

function tracedLayer(run: LayerFunction, kind: Layer, rules: Rules): LayerFunction {
  const { type, name, hook } = kind;
  const spanName = hook === undefined ? `handler - ${name}` : `hook - ${hook} - ${name}`;
  const fixed: Attributes = { 'fastify.type': type, 'fastify.name': name };
  if (hook !== undefined) fixed['fastify.hook'] = hook;

  return function runLayer(...args) {
    const request = args[0] as FastifyRequest | undefined;
    // A websocket's handler gets its socket first, and no request of this kind at all.
    const server = request?.raw && serverSpanOf(request.raw);
    if (!server?.isRecording()) return run.apply(this, args);
    const path = request?.routeOptions?.url;
    const layer: Layer = { ...kind, path };
    if (rules.ignores(layer)) return run.apply(this, args);

    const outer = api.active();
    const attributes = path === undefined ? fixed : { ...fixed, 'http.route': path };
    const span = tracer.startSpan(spanName, { attributes }, outer);
    rules.tell(span, layer, request as FastifyRequest);
    const last = args.length - 1;
    const done = args[last];
    if (typeof done === 'function') {
      const goOn = (...results: unknown[]): unknown => {
        settle(span, results[0]);
        // What follows is no part of this hook.
        return api.with(outer, () => Reflect.apply(done, undefined, results));
      };
      args[last] = goOn;
    }
    try {
      const result = api.with(trace.setSpan(outer, span), () => run.apply(this, args));
      settleWith(span, result, args[1], typeof done === 'function');
      return result;
    } catch (error) {
      settle(span, error);
      throw error;
    }
  };
}

/** Ends the span with the promise, or with the response where the layer answers by `reply.send` or goes on by `done`. */
function settleWith(span: Span, result: unknown, reply: unknown, hasCallback: boolean): void {
  const { raw } = (reply ?? {}) as { raw?: ServerResponse };
  if (result instanceof Promise) {
    result.then(
      () => settle(span, undefined),
      (error: unknown) => settle(span, error),
    );
    if (raw) waitingFor(raw).promised.push(span);
  } else if (result !== undefined && !hasCallback) {
    settle(span, undefined);
  } else if (raw && span.isRecording()) {
    waitingFor(raw).answering.push(span);
  }
}

/** The layer spans that may be open when a response closes. */
interface Waiting {
  readonly answering: Span[];
  readonly promised: Span[];
}

const waiting = new WeakMap<ServerResponse, Waiting>();

/** One listener for each response: Node warns of more than ten. */
function waitingFor(response: ServerResponse): Waiting {
  const known = waiting.get(response);
  if (known) return known;
  const spans: Waiting = { answering: [], promised: [] };
  waiting.set(response, spans);
  const endAll = (): void => {
    // A promise may outlast its answer, but where nobody waits for one any more it may never settle.
    const open = response.writableFinished ? spans.answering : [...spans.promised, ...spans.answering];
    for (const span of open) settle(span, undefined);
  };
  response.once('close', endAll);
  whenResponseAbandoned(response.req, response, endAll);
  return spans;
}

function settle(span: Span, error: unknown): void {
  if (!span.isRecording()) return;
  if (error !== undefined && error !== null) failSpan(span, error);
  span.end();
}
