import { context as api, type Span, trace } from '@opentelemetry/api';
import { failSpan, liveTracer } from '@org/tracing-core';
import Koa, { type Context, type Middleware } from 'koa';

import { version } from './version.ts';

const tracer = liveTracer('@org/tracing-koa', version);

/** Present on the context of a request whose layers are traced. */
const LAYERS = Symbol.for('@org/tracing.koa.layers');
const PATCHED = Symbol.for('@org/tracing.koa.patched');
const NO_LAYER = Symbol.for('@org/tracing.koa.no-layer');

interface RequestLayers {
  /** The error that is passing through the layers. */
  error?: unknown;
  /** Spans that have not ended, outermost first. */
  readonly open: Set<Span>;
}

interface LayeredContext {
  [LAYERS]?: RequestLayers;
  readonly _matchedRouteName?: string;
}

type Layer = Middleware & { [NO_LAYER]?: true; router?: { stack?: RouterLayer[] } };

interface RouterLayer {
  readonly path: string | RegExp;
  readonly stack: Layer[];
}

const made = new WeakSet<Layer>();

/** From here on, every middleware that an application uses can be traced. Costs nothing where it is not asked for. */
export function prepareLayers(): void {
  const prototype = Koa.prototype as Koa & { [PATCHED]?: true };
  if (prototype[PATCHED]) return;
  prototype[PATCHED] = true;
  const use = prototype.use;
  prototype.use = function useLayer(this: Koa, middleware: Layer) {
    return Reflect.apply(use, this, [typeof middleware === 'function' ? layered(middleware) : middleware]);
  } as Koa['use'];
}

/** The kit's own middleware is no layer of the application. */
export function noLayer<M extends object>(middleware: M): M {
  return Object.assign(middleware, { [NO_LAYER]: true });
}

/** Asks for layer spans in this request. */
export function traceLayers(context: Context): void {
  const request = context as LayeredContext;
  if (request[LAYERS]) return;
  const open = new Set<Span>();
  request[LAYERS] = { open };
  // A middleware that never settles would keep its span open for ever.
  context.res.once('close', () => {
    for (const span of [...open].toReversed()) span.end();
    open.clear();
  });
}

function layered(middleware: Layer): Layer {
  const generator = middleware.constructor.name.endsWith('GeneratorFunction');
  if (generator || middleware[NO_LAYER] || made.has(middleware)) return middleware;
  const { router } = middleware;
  if (router === undefined) {
    const name = middleware.name || 'anonymous';
    return wrapped(middleware, () => ({
      name: `middleware - ${name}`,
      attributes: { 'koa.type': 'middleware', 'koa.name': name },
    }));
  }
  return replaced(middleware, (context, next) => {
    // Here and not at `use`: routes may be added to a router later.
    if ((context as LayeredContext)[LAYERS]) traceRoutes(router.stack ?? []);
    return middleware(context, next);
  });
}

function traceRoutes(stack: readonly RouterLayer[]): void {
  for (const { path, stack: handlers } of stack) {
    for (const [index, handler] of handlers.entries()) {
      if (made.has(handler)) continue;
      handlers[index] = wrapped(handler, (context) => ({
        name: (context as LayeredContext)._matchedRouteName ?? `router - ${String(path)}`,
        attributes: { 'koa.type': 'router', 'koa.name': String(path), 'http.route': String(path) },
      }));
    }
  }
}

interface LayerDescription {
  readonly name: string;
  readonly attributes: Record<string, string>;
}

function wrapped(middleware: Layer, describe: (context: Context) => LayerDescription): Layer {
  return replaced(middleware, async (context, next) => {
    const layers = (context as LayeredContext)[LAYERS];
    if (!layers) return middleware(context, next);
    const { name, attributes } = describe(context);
    const span = tracer.startSpan(name, { attributes });
    layers.open.add(span);
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
  });
}

/** A stand-in with the name and the properties of the original. */
function replaced(original: Layer, stand: Layer): Layer {
  const layer = Object.assign(stand, original);
  Object.defineProperty(layer, 'name', { value: original.name });
  made.add(layer);
  return layer;
}
