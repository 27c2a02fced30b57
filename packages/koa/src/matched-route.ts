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

const NOTED = Symbol.for('@org/tracing.koa.noted');
const MATCHED = Symbol.for('@org/tracing.koa.matched-route');
const PREFIX = Symbol.for('@org/tracing.koa.prefix');
const MOUNT = Symbol.for('@org/tracing.koa.mount');
const MOUNTS = Symbol.for('@org/tracing.koa.mounts');

interface RouteRecord {
  readonly originalUrl: string;
  readonly path: string;
  [MATCHED]?: string | RegExp;
  /** Of the mounts around the route that matched; null where it cannot be known. */
  [PREFIX]?: string | null;
  /** Innermost mount: what `ctx.mountPath` is. */
  [MOUNT]?: unknown;
  /** Whole prefixes, outermost first: `/api`, `/api/v1`; null where some were entered unseen. */
  [MOUNTS]?: string[] | null;
}

/**
 * Lets the contexts of an application, and of all that Koa makes from the same prototype, note where a router
 * matched.
 *
 * `koa-mount` takes its prefix off `ctx.path` while the request is below it and keeps the innermost prefix alone,
 * and a router's paths know nothing of mounts. So the prefix is taken down in the moment of the match.
 */
export function noteRoutes(app: Koa): void {
  // Of Koa, and not of the application: a mounted one is entered before its own middleware is asked.
  const prototype = Object.getPrototypeOf(app.context) as Koa['context'] & { [NOTED]?: true };
  if (!prototype[NOTED]) definePlaces(Object.assign(prototype, { [NOTED]: true }));
  adopt(app.context);
}

/** For the request in which an application, or a Koa, is met for the first time: it may have been mounted before. */
export function adoptRequest(context: Context): void {
  if (!adopt(context)) return;
  const record = context as unknown as RouteRecord;
  // Only the innermost mount is left of those before it.
  if (mountedAt(record) === '') record[MOUNTS] = null;
}

/** Moves what the application, or a mount, has set before there was a place for it. */
function adopt(target: object): boolean {
  const before = Object.getOwnPropertyDescriptor(target, 'mountPath');
  if (!before?.configurable || before.get) return false;
  const holder = target as { mountPath?: unknown };
  delete holder.mountPath;
  holder.mountPath = before.value;
  return true;
}

function definePlaces(prototype: object): void {
  Object.defineProperties(prototype, {
    _matchedRoute: {
      configurable: true,
      get(this: RouteRecord) {
        return this[MATCHED];
      },
      set(this: RouteRecord, route: string | RegExp) {
        this[MATCHED] = route;
        if (this[MOUNTS] !== undefined) this[PREFIX] = this[MOUNTS] && mountedAt(this);
      },
    },
    mountPath: {
      configurable: true,
      get(this: RouteRecord) {
        return this[MOUNT];
      },
      set(this: RouteRecord, prefix: unknown) {
        // Whatever the application keeps under this name, for a request or for all, it gets back.
        this[MOUNT] = prefix;
        if (typeof prefix !== 'string' || !Object.hasOwn(this, 'originalUrl') || this[MOUNTS] === null)
          return;
        (this[MOUNTS] ??= []).push(mountedAt(this) + prefix.replace(/\/$/, ''));
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
  const { method } = context;
  let route: Partial<RouterLayer> | undefined;
  // An application may keep something of its own under this name.
  for (const layer of Array.isArray(matched) ? (matched as readonly (Partial<RouterLayer> | null)[]) : []) {
    if (!layer?.methods?.includes(method)) continue;
    if (layer.path === last) return wholeRoute(context, last);
    route = layer;
  }
  // A router's middleware that answers by itself has run last, in front of the route that was asked for.
  return wholeRoute(context, route?.path ?? last);
}

/** A path of a router with the mounts around it; undefined where these cannot be known. */
export function wholeRoute(context: Context, path: string | RegExp): string | undefined {
  const { [PREFIX]: prefix = '' } = context as unknown as RouteRecord;
  if (prefix === null) return undefined;
  return prefix !== '' && path === '/' ? prefix : prefix + String(path);
}
