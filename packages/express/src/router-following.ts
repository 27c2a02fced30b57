import type { ServerResponse } from 'node:http';

import { diag } from '@opentelemetry/api';

import { keepPath } from './layer-path.ts';
import { runInLayerSpan } from './layer-spans.ts';
import { positionOf, RequestPosition, setPosition } from './request-position.ts';
import type { Application, ExpressRequest, Layer, Next, Router, RouterPath } from './router-shape.ts';

const FOLLOWED = Symbol.for('@org/tracing.express.followed');
const BEGINS_TRACED: unique symbol = Symbol.for('@org/tracing.express.begins-traced');

/** Layers that Express 4 puts before those of the application. */
const OWN_OF_EXPRESS_4: ReadonlySet<string> = new Set(['query', 'expressInit']);

type TracedRouter = Router & { [BEGINS_TRACED]?: boolean };

type HandleRequest = (this: Layer, request: ExpressRequest, response: ServerResponse, next: Next) => unknown;
type HandleError = (
  this: Layer,
  error: unknown,
  request: ExpressRequest,
  response: ServerResponse,
  next: Next,
) => unknown;

interface LayerPrototype {
  [FOLLOWED]?: boolean;
  handleRequest?: HandleRequest;
  handleError?: HandleError;
  // Express 4.
  handle_request?: HandleRequest;
  handle_error?: HandleError;
}

interface RouterPrototype {
  handle(this: Router, request: ExpressRequest, response: ServerResponse, out: Next): unknown;
  use(this: Router, ...args: unknown[]): unknown;
}

/** The router of an application, if it has one. */
export function routerOf(app: Application | undefined): Router | undefined {
  return app?._router ?? app?.router;
}

/**
 * Follows requests through the routers of this kind, that is, of one copy of Express: two methods of its
 * layers and two of its routers are replaced.
 *
 * The diagnostics channel of router 2.3 tells less (neither which router a layer is in nor that one was left)
 * and costs three times as much.
 *
 * @returns `new` where that was done now, `known` where it was before, `unknown` where these routers are of
 *   another make.
 */
export function followRouter(router: Router): 'new' | 'known' | 'unknown' {
  const [layer] = router.stack;
  if (layer === undefined) return 'unknown';
  const layers = Object.getPrototypeOf(layer) as LayerPrototype;
  const followed = layers[FOLLOWED];
  if (followed !== undefined) return followed ? 'known' : 'unknown';
  const routers = ownerOf(router, 'handle') as RouterPrototype | undefined;
  layers[FOLLOWED] = routers !== undefined && followLayers(layers);
  if (routers === undefined || !layers[FOLLOWED]) {
    diag.warn('the routers of this version of Express are not known: spans have no route and no exception');
    return 'unknown';
  }
  followRouters(routers);
  return 'new';
}

function ownerOf(router: Router, method: string): object | undefined {
  let owner: object | null = Object.getPrototypeOf(router) as object | null;
  while (owner && !Object.hasOwn(owner, method)) owner = Object.getPrototypeOf(owner) as object | null;
  return owner ?? undefined;
}

function followLayers(layers: LayerPrototype): boolean {
  const requestMethod = layers.handleRequest ? 'handleRequest' : 'handle_request';
  const errorMethod = layers.handleError ? 'handleError' : 'handle_error';
  const handleRequest = layers[requestMethod];
  const handleError = layers[errorMethod];
  if (!handleRequest || !handleError) return false;

  layers[requestMethod] = function followedRequest(request, response, next) {
    const position = isInsideRoute(this) ? null : positionOf(request);
    if (!position) return handleRequest.call(this, request, response, next);
    const forward = position.enterLayer(this, next);
    const { layers: open } = position;
    if (!open) return handleRequest.call(this, request, response, forward);
    return runInLayerSpan(this, position.path(), open, forward, (last) =>
      handleRequest.call(this, request, response, last),
    );
  };

  layers[errorMethod] = function followedError(error, request, response, next) {
    const position = positionOf(request);
    position?.fail(error);
    const open = position?.layers;
    if (!open || this.handle.length !== 4 || isInsideRoute(this)) {
      return handleError.call(this, error, request, response, next);
    }
    return runInLayerSpan(this, undefined, open, next, (last) =>
      handleError.call(this, error, request, response, last),
    );
  };
  return true;
}

/** The handlers of a route are layers of a stack of its own; they have a method where a router's have a route. */
function isInsideRoute(layer: Layer): boolean {
  return 'method' in layer;
}

function followRouters(routers: RouterPrototype): void {
  const { handle, use } = routers;

  routers.handle = function followedHandle(request, response, out) {
    let position = positionOf(request);
    if (position === null || typeof out !== 'function') return handle.call(this, request, response, out);
    if (position === undefined) {
      if ((this as TracedRouter)[BEGINS_TRACED])
        return handle.call(this, request, response, leavingRouters(request, out));
      position = new RequestPosition(request, response);
      setPosition(request, position);
    }
    return handle.call(this, request, response, position.enterRouter(out));
  };

  routers.use = function followedUse(...args) {
    const before = this.stack.length;
    const result = use.apply(this, args);
    for (const layer of this.stack.slice(before)) {
      if (layer.rawPath === undefined) keepPath(layer, pathArgument(args[0]));
    }
    return result;
  };
}

/** What such a router is to call when it has no answer. */
function leavingRouters(request: ExpressRequest, out: Next): Next {
  return (error) => {
    positionOf(request)?.leaveRouters(error);
    out(error);
  };
}

/**
 * Notes whether a request is in no router before it comes to our middleware, the first layer of the outermost one. It needs no
 * position until then, and never one if it is not recorded.
 */
export function noteTracedBeginning(router: TracedRouter, middleware: Layer['handle']): void {
  if (router[BEGINS_TRACED] !== undefined) return;
  const place = router.stack.findIndex((layer) => layer.handle === middleware);
  router[BEGINS_TRACED] =
    place !== -1 && router.stack.slice(0, place).every(({ name }) => OWN_OF_EXPRESS_4.has(name));
}

/** The path is the first argument, unless that is a function or an array of functions. */
function pathArgument(first: unknown): RouterPath {
  let argument = first;
  while (Array.isArray(argument) && argument.length > 0) argument = argument[0];
  return typeof argument === 'function' ? '/' : (first as RouterPath);
}
