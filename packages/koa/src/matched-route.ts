import type Koa from 'koa';
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

const MATCHED = Symbol('matched route');
const PREFIX = Symbol('mount prefix of the matched route');
const MOUNT = Symbol('innermost mount');
const MOUNTS = Symbol('mount prefixes entered');

interface RouteRecord {
  readonly originalUrl: string;
  readonly path: string;
  [MATCHED]?: string | RegExp;
  [PREFIX]?: string;
  [MOUNT]?: unknown;
  /** Whole prefixes, outermost first: `/api`, `/api/v1`. */
  [MOUNTS]?: string[];
}

const prepared = new WeakSet<Koa>();

/**
 * Lets the contexts of an application note where a router matched, that of the request under way included.
 *
 * `koa-mount` takes its prefix off `ctx.path` while the request is below it and keeps the innermost prefix alone,
 * and a router's paths know nothing of mounts. So the prefix is taken down in the moment of the match.
 */
export function noteRoutes(context: Context): void {
  const { app } = context;
  if (prepared.has(app)) return;
  prepared.add(app);
  definePlaces(app.context);
  // Where the middleware is in a mounted application, the first request has been mounted before it came here.
  if (Object.hasOwn(context, 'mountPath')) {
    const mounted = context as { mountPath?: string };
    const { mountPath } = mounted;
    delete mounted.mountPath;
    Object.assign(mounted, { mountPath });
  }
}

function definePlaces(prototype: Koa['context']): void {
  Object.defineProperties(prototype, {
    _matchedRoute: {
      configurable: true,
      get(this: RouteRecord) {
        return this[MATCHED];
      },
      set(this: RouteRecord, route: string | RegExp) {
        this[MATCHED] = route;
        if (this[MOUNTS]) this[PREFIX] = mountedAt(this);
      },
    },
    mountPath: {
      configurable: true,
      get(this: RouteRecord) {
        return this[MOUNT];
      },
      set(this: RouteRecord, prefix: unknown) {
        const outer = mountedAt(this);
        this[MOUNT] = prefix;
        // Whatever the application keeps under this name, it gets back.
        if (typeof prefix === 'string') (this[MOUNTS] ??= []).push(outer + prefix.replace(/\/$/, ''));
      },
    },
  });
}

/** The prefix that stands before `ctx.path` at this moment; only prefixes that were mounted count. */
function mountedAt(record: RouteRecord): string {
  const { path } = record;
  const original = record.originalUrl.split('?', 1)[0] ?? '';
  const below = path === '/' ? [original, original.replace(/\/$/, '')] : [original];
  const prefix = record[MOUNTS]?.findLast(
    (mount) => below.includes(mount) || below.includes(mount + (path.startsWith('/') ? path : `/${path}`)),
  );
  return prefix ?? '';
}

/** The route template that the request matched, with the prefixes of mounts and of nested routers. */
export function matchedRoute(context: Context): string | undefined {
  const { _matchedRoute: last, matched } = context as unknown as RouterContext;
  if (last === undefined) return undefined;
  const routes = matched?.filter((layer) => layer.methods.includes(context.method)) ?? [];
  // A router's middleware that answers by itself has run last, in front of the route that was asked for.
  const route = routes.some((layer) => layer.path === last) ? last : (routes.at(-1)?.path ?? last);
  const prefix = (context as unknown as RouteRecord)[PREFIX] ?? '';
  return prefix !== '' && route === '/' ? prefix : prefix + String(route);
}
