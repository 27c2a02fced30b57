import type { ServerResponse } from 'node:http';

import { type Attributes, context, type Span, trace } from '@opentelemetry/api';
import {
  failSpan,
  type Layer as LayerTold,
  type LayerRules,
  liveTracer,
  whenResponseAbandoned,
} from '@org/tracing-core';

import { layerPath } from './layer-path.ts';
import { type ExpressRequest, isError, type Layer, type Next } from './router-shape.ts';
import { version } from './version.ts';

const tracer = liveTracer('@org/tracing-express', version);

const NO_LAYER = Symbol.for('@org/tracing.express.no-layer');

/** The kit's own middleware is no layer of the application. */
export function noLayer<M extends object>(middleware: M): M {
  return Object.assign(middleware, { [NO_LAYER]: true });
}

/** The layer spans of one request that have not ended. */
export class OpenLayers {
  readonly #spans = new Set<Span>();
  /** The error that is passing through the layers; the innermost has told it. */
  #error: unknown;
  #isOver = false;
  readonly #rules: LayerRules<ExpressRequest>;
  readonly #request: ExpressRequest;

  constructor(rules: LayerRules<ExpressRequest>, request: ExpressRequest, response: ServerResponse) {
    this.#rules = rules;
    this.#request = request;
    const endAll = (): void => {
      // From the inside out.
      for (const span of [...this.#spans].toReversed()) this.end(span, undefined);
    };
    const close = (): void => {
      this.#isOver = true;
      endAll();
    };
    response.once('finish', endAll);
    response.once('close', close);
    whenResponseAbandoned(response.req, response, close);
  }

  /** Undefined where the application wants no span of this layer, and where nothing would end it any more. */
  start(layer: LayerTold): Span | undefined {
    if (this.#rules.ignores(layer) || this.#isOver) return undefined;
    const { type, name, path } = layer;
    const attributes: Attributes = { 'express.type': type, 'express.name': name };
    if (path !== undefined) attributes['http.route'] = path;
    const span = tracer.startSpan(`${type.replace('_', ' ')} - ${name}`, { attributes });
    this.#spans.add(span);
    this.#rules.tell(span, layer, this.#request);
    return span;
  }

  end(span: Span, passed: unknown): void {
    if (!this.#spans.delete(span)) return;
    if (isError(passed)) {
      failSpan(span, passed, { event: this.#error !== passed });
      this.#error = passed;
    }
    span.end();
  }
}

/**
 * Runs a layer with a span of its own, which ends when the layer calls `next` or the response ends.
 *
 * @param path The template up to and with this layer, if it has one.
 */
export function runInLayerSpan(
  layer: Layer,
  path: string | undefined,
  open: OpenLayers,
  next: Next,
  handle: (next: Next) => unknown,
): unknown {
  if (NO_LAYER in layer.handle) return handle(next);
  const around = context.active();
  const span = open.start(describe(layer, path));
  if (span === undefined) return handle(next);
  const last: Next = (passed) => {
    open.end(span, passed);
    const active = context.active();
    if (trace.getSpan(active) !== span) return next(passed);
    // What follows is no part of this layer, but sees what the layer has put into the context (baggage).
    const outer = trace.getSpan(around);
    return context.with(outer ? trace.setSpan(active, outer) : trace.deleteSpan(active), () => next(passed));
  };
  return context.with(trace.setSpan(around, span), () => handle(last));
}

/** Types and names as dashboards know them from `@opentelemetry/instrumentation-express`. */
function describe(layer: Layer, path: string | undefined): LayerTold {
  const type = layerType(layer);
  const unnamed = layerPath(layer, '') === '' ? '/' : layer.name;
  return { type, name: type === 'middleware' ? layer.name : (path ?? unnamed), path };
}

function layerType(layer: Layer): 'request_handler' | 'router' | 'middleware' {
  if (layer.route) return 'request_handler';
  // Express mounts an application by a function of this name.
  return 'stack' in layer.handle || layer.name === 'mounted_app' ? 'router' : 'middleware';
}
