import { type Attributes, context as api, type Span, trace } from '@opentelemetry/api';
import {
  failSpan,
  type Layer,
  type LayerRules,
  liveTracer,
  serverSpanOf,
  whenResponseAbandoned,
} from '@org/tracing-core';
import type Koa from 'koa';
import type { Context, Middleware } from 'koa';

import { wholeRoute } from './matched-route.ts';
import { version } from './version.ts';

const tracer = liveTracer('@org/tracing-koa', version);

/** Present on the context of a request whose layers are traced. */
const LAYERS = Symbol.for('@org/tracing.koa.layers');
const PATCHED = Symbol.for('@org/tracing.koa.patched');
const NO_LAYER = Symbol.for('@org/tracing.koa.no-layer');

interface RequestLayers {
  readonly rules: LayerRules<Context>;
  /** The error that is passing through the layers. */
  error?: unknown;
  /** Spans that have not ended, outermost first. */
  readonly open: Set<Span>;
}

interface LayeredContext {
  [LAYERS]?: RequestLayers;
  /** What a router says of the route whose handlers it calls now. */
  readonly _matchedRoute?: string | RegExp;
  readonly routerName?: string | null;
}

type LayerFunction = Middleware & { [NO_LAYER]?: true; readonly router?: unknown };

interface RouterLayer {
  /** Empty for the middleware of a router. */
  readonly methods: readonly string[];
  readonly stack: LayerFunction[];
}

const made = new WeakSet<LayerFunction>();

/** From here on, every middleware that an application of this class uses can be traced. Costs nothing otherwise. */
export function prepareLayers(koa: typeof Koa): void {
  const prototype = koa.prototype as Koa & { [PATCHED]?: true };
  if (prototype[PATCHED]) return;
  prototype[PATCHED] = true;
  const use = prototype.use;
  prototype.use = function useLayer(this: Koa, middleware: LayerFunction) {
    return Reflect.apply(use, this, [typeof middleware === 'function' ? layered(middleware) : middleware]);
  } as Koa['use'];
}

/** Whether the middleware of an application can be traced. */
export function hasLayers(app: Koa): boolean {
  return PATCHED in app;
}

/** The kit's own middleware is no layer of the application. */
export function noLayer<M extends object>(middleware: M): M {
  return Object.assign(middleware, { [NO_LAYER]: true });
}

/** Asks for layer spans in this request. */
export function traceLayers(context: Context, rules: LayerRules<Context>): void {
  const request = context as LayeredContext;
  if (request[LAYERS]) return;
  const open = new Set<Span>();
  request[LAYERS] = { rules, open };
  traceRouters(context);
  // A middleware that never settles would keep its span open for ever.
  const endAll = (): void => {
    for (const span of [...open].toReversed()) span.end();
    open.clear();
  };
  context.res.once('close', endAll);
  whenResponseAbandoned(context.req, context.res, endAll);
}

function layered(middleware: LayerFunction): LayerFunction {
  const generator = middleware.constructor.name.endsWith('GeneratorFunction');
  // A router is no layer, its routes are.
  const isLayer = !generator && !middleware[NO_LAYER] && !middleware.router && !made.has(middleware);
  return isLayer ? wrapped(middleware, middlewareLayer(middleware)) : middleware;
}

/**
 * Every router says `ctx.router = this` before it calls its handlers. Not sooner, since routes may be added later;
 * and wherever it stands: in the application, composed, or mounted.
 */
function traceRouters(context: Context): void {
  let router: { readonly stack?: readonly RouterLayer[] } | undefined;
  Object.defineProperty(context, 'router', {
    configurable: true,
    enumerable: true,
    get: () => router,
    set(entered: typeof router) {
      router = entered;
      if (Array.isArray(entered?.stack)) traceRoutes(entered.stack);
    },
  });
}

function traceRoutes(stack: readonly RouterLayer[]): void {
  for (const { methods, stack: handlers } of stack) {
    for (const [index, handler] of handlers.entries()) {
      if (made.has(handler)) continue;
      handlers[index] = wrapped(handler, methods.length === 0 ? middlewareLayer(handler) : routeLayer);
    }
  }
}

interface DescribedLayer extends Layer {
  readonly spanName: string;
}

function middlewareLayer(middleware: LayerFunction): () => DescribedLayer {
  const name = middleware.name || 'anonymous';
  const layer = { type: 'middleware', name, spanName: `middleware - ${name}` };
  return () => layer;
}

/** At the call alone is it known which route: nested routers share their handlers. */
function routeLayer(context: Context): DescribedLayer {
  const { _matchedRoute: matched = '/', routerName } = context as LayeredContext;
  const path = wholeRoute(context, matched);
  const name = path ?? String(matched);
  return { type: 'router', name, path, spanName: routerName || `router - ${name}` };
}

function attributesOf({ type, name, path }: Layer): Attributes {
  const attributes: Attributes = { 'koa.type': type, 'koa.name': name };
  if (path !== undefined) attributes['http.route'] = path;
  return attributes;
}

/** A stand-in with the name and the properties of the original. */
function wrapped(middleware: LayerFunction, describe: (context: Context) => DescribedLayer): LayerFunction {
  const stand: LayerFunction = async (context, next) => {
    const layers = (context as LayeredContext)[LAYERS];
    if (!layers) return middleware(context, next);
    const { spanName, ...layer } = describe(context);
    // Once the response is over, nothing ends the span of a layer that never settles.
    const isOpen = serverSpanOf(context.req)?.isRecording() === true;
    if (!isOpen || layers.rules.ignores(layer)) return middleware(context, next);
    const span = tracer.startSpan(spanName, { attributes: attributesOf(layer) });
    layers.open.add(span);
    layers.rules.tell(span, layer, context);
    try {
      return await api.with(trace.setSpan(api.active(), span), () => middleware(context, next));
    } catch (error) {
      // The innermost layer has told it; the others only pass it on.
      if (span.isRecording()) failSpan(span, error, { event: layers.error !== error });
      layers.error = error;
      throw error;
    } finally {
      if (layers.open.delete(span)) span.end();
    }
  };
  Object.defineProperty(Object.assign(stand, middleware), 'name', { value: middleware.name });
  made.add(stand);
  return stand;
}
