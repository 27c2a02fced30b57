import type { Context } from 'koa';

/** What `@koa/router` and `koa-router` leave on the context; neither documents it. */
interface RouterContext {
  /** Path of the layer that ran last: a string, or the RegExp that a route was given as. */
  readonly _matchedRoute?: string | RegExp;
  /** Every layer whose path matched, of every router that the request passed. */
  readonly matched?: readonly RouterLayer[];
}

interface RouterLayer {
  readonly path: string | RegExp;
  /** Empty for the middleware of a router. */
  readonly methods: readonly string[];
}

/** The route template that the request matched, with the prefixes of nested routers. */
export function matchedRoute(context: Context): string | undefined {
  const { _matchedRoute: last, matched } = context as unknown as RouterContext;
  if (last === undefined) return undefined;
  const routes = matched?.filter((layer) => layer.methods.includes(context.method)) ?? [];
  // A router's middleware that answers by itself has run last, in front of the route that was asked for.
  const route = routes.some((layer) => layer.path === last) ? last : (routes.at(-1)?.path ?? last);
  return String(route);
}
