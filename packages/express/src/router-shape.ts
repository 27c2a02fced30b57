import type { IncomingMessage } from 'node:http';

// What the routers of Express 4 and 5 are made of; none of it is in their types.

/** A path as an application gives it: a string, a RegExp, or an array of these. */
export type RouterPath = string | RegExp | readonly RouterPath[];

/** `app.route(path)`: a path with the handlers of its methods. */
export interface Route {
  readonly path: RouterPath;
}

/** One entry of a router's stack: a middleware, a router, a mounted application or a route. */
export interface Layer {
  readonly handle: (...args: never[]) => unknown;
  readonly name: string;
  /** Set for the routes of a router, undefined for what was given to `use`. */
  readonly route?: Route | undefined;
  /** The path as it was given; from router 2.3 (Express 5.3) on. */
  readonly rawPath?: RouterPath;
  /** Router 2: `use` without a path. */
  readonly slash?: boolean;
  /** Router 2: one for each path that was given. */
  readonly matchers?: readonly PathMatcher[];
  /** Express 4: the path, compiled. */
  readonly regexp?: RegExp & { readonly fast_slash?: boolean };
  /** Express 4: the parameters in the order of the groups of `regexp`. */
  readonly keys?: readonly { readonly name: string | number }[];
}

/** Router 2 keeps a path as such a function alone. */
export type PathMatcher = (
  path: string,
) => false | { readonly path: string; readonly params: Readonly<Record<string, unknown>> };

export interface Router {
  readonly stack: readonly Layer[];
}

/** The parts of an application that lead to its router. */
export interface Application {
  readonly parent?: Application;
  /** Express 4. */
  readonly _router?: Router;
  /** Express 5; a getter that throws in Express 4. */
  readonly router?: Router;
}

/** A request as Express makes it. */
export interface ExpressRequest extends IncomingMessage {
  readonly app?: Application;
  readonly baseUrl?: string;
  readonly ip?: string;
  readonly route?: Route;
}

export type Next = (error?: unknown) => void;

/** `next('route')` and `next('router')` leave the route or the router; every other truthy value is an error. */
export function isError(passed: unknown): boolean {
  return Boolean(passed) && passed !== 'route' && passed !== 'router';
}
