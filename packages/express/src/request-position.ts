import type { ServerResponse } from 'node:http';

import { metRequest, type ServerSpan } from '@org/tracing-core';

import { joinPaths, layerPath, pathText } from './layer-path.ts';
import type { OpenLayers } from './layer-spans.ts';
import { peek } from './peek.ts';
import { type ExpressRequest, isError, type Layer, type Next, type Route } from './router-shape.ts';

/** A router that the request is in. */
interface Frame {
  readonly outer: Frame | undefined;
  /** Where the request is in this router; undefined between two layers. */
  layer: Layer | undefined;
  /** `request.baseUrl` in that layer: what the mounts so far have matched. */
  url: string;
  /** `request.route` at that moment. */
  route: Route | undefined;
}

/** What a request that was not met early has its position as. */
const POSITION: unique symbol = Symbol.for('@org/tracing.express.position');

/** Null where the request is not traced, undefined where nobody has asked yet. */
export function positionOf(request: ExpressRequest): RequestPosition | null | undefined {
  const met = metRequest(request);
  return (met ? met.kept : Reflect.get(request, POSITION)) as RequestPosition | null | undefined;
}

export function setPosition(request: ExpressRequest, position: RequestPosition | null): void {
  const met = metRequest(request);
  if (met) met.kept = position;
  else Reflect.set(request, POSITION, position);
}

/** Where in the routers of an application a request is. */
export class RequestPosition {
  /** The SERVER span, once the request has come to our middleware. */
  span: ServerSpan<ExpressRequest> | undefined;
  /** Present where layers are traced. */
  layers: OpenLayers | undefined;
  readonly #request: ExpressRequest;
  readonly #response: ServerResponse;
  #frame: Frame | undefined;
  #failure: { readonly path: string | undefined } | undefined;
  #complete = true;

  constructor(request: ExpressRequest, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
  }

  /** The request goes into a router. Returns what the router is to call when it has no answer. */
  enterRouter(out: Next): Next {
    const outer = this.#frame;
    const request = this.#request;
    this.#frame = {
      outer,
      layer: undefined,
      url: peek(request, 'baseUrl') ?? '',
      route: peek(request, 'route'),
    };
    return (error) => {
      if (!hasEnded(this.#response)) {
        this.#note(error);
        if (outer) outer.route = peek(request, 'route');
        this.#frame = outer;
      }
      out(error);
    };
  }

  /** The request went into a router that was not followed then. `direct` says that none lies in between. */
  isInRouter(direct: boolean): void {
    const outer = this.#frame;
    const request = this.#request;
    const url = peek(request, 'baseUrl') ?? '';
    if (!direct && url !== (outer?.url ?? '')) this.#complete = false;
    this.#frame = { outer, layer: undefined, url, route: peek(request, 'route') };
  }

  /** The request has left the outermost router without an answer. */
  leaveRouters(error: unknown): void {
    if (hasEnded(this.#response)) return;
    this.#note(error);
    this.#frame = undefined;
  }

  /** The request goes into a layer of the router that it is in. Returns the `next` to give to the layer. */
  enterLayer(layer: Layer, next: Next): Next {
    const frame = this.#frame;
    const response = this.#response;
    // After the response comes nothing that counts: the handler that answered is known.
    if (frame === undefined || hasEnded(response)) return next;
    const request = this.#request;
    frame.layer = layer;
    frame.url = peek(request, 'baseUrl') ?? '';
    frame.route = peek(request, 'route');
    this.#failure = undefined;
    return (error) => {
      if (!hasEnded(response)) {
        this.#note(error);
        // A timeout may go on in an outer router while an inner one is at work.
        this.#frame = frame;
        frame.layer = undefined;
        frame.route = peek(request, 'route');
      }
      next(error);
    };
  }

  /** The application failed where the request is now; that place gives the route, whoever answers. */
  fail(error: unknown): void {
    if (this.#failure) return;
    this.#failure = { path: this.path() };
    // One before it has been made good: the application went on since.
    this.span?.recordError(error, true);
  }

  /** The template of the handler that the request is in, with every mount in front of it. */
  path(): string | undefined {
    if (this.#failure) return this.#failure.path;
    const innermost = this.#frame;
    if (innermost === undefined || !this.#complete) return undefined;
    const route = peek(this.#request, 'route');
    const inRoute = route !== innermost.route;
    // A route that no layer of ours led to: of a router of another kind, or its parameters are being loaded.
    if (inRoute && innermost.layer) return undefined;
    if (!inRoute && !innermost.layer) return undefined;
    let path = '';
    for (let frame: Frame | undefined = innermost; frame; frame = frame.outer) {
      // A route takes nothing off the path: a router that its handler calls matches the same again.
      const { layer } = frame;
      const takesPath = layer && (frame === innermost || !layer.route);
      const part = takesPath ? layerPath(layer, frame.url.slice(frame.outer?.url.length ?? 0)) : '';
      if (part === undefined) return undefined;
      path = joinPaths(part, path);
    }
    if (inRoute && route) path = joinPaths(path, pathText(route.path));
    // Middleware without a path matches everything: that is no route.
    return path || (innermost.layer?.route ? '/' : undefined);
  }

  #note(passed: unknown): void {
    if (isError(passed)) this.fail(passed);
    else this.#failure = undefined;
  }
}

/** As `response.writableEnded`, which reads the same behind two getters. */
function hasEnded(response: ServerResponse): boolean {
  return peek(response, 'finished');
}
