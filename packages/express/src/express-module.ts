import { followRouter } from './router-following.ts';
import type { Router } from './router-shape.ts';

/** Express in any of the shapes that an import or `require` gives it in. */
export type ExpressModule = ExpressExports | { readonly default: ExpressExports };

interface ExpressExports {
  readonly Router: unknown;
}

/**
 * Follows every router that this Express makes, from now on.
 *
 * @throws TypeError when it is not Express.
 */
export function followExpress(express: ExpressModule): void {
  const createRouter =
    routerFactory(express) ?? routerFactory((express as { default?: unknown } | null)?.default);
  if (createRouter === undefined) {
    throw new TypeError(
      `express: expected the module, as of import or require; got ${String(express)} (${typeof express})`,
    );
  }
  const router = createRouter();
  // The class of the layers is not exported; one of them leads to it.
  router.use((_request: unknown, _response: unknown, next: () => void) => next());
  followRouter(router);
}

type NewRouter = Router & { use(middleware: (...args: never[]) => void): unknown };

function routerFactory(express: unknown): (() => NewRouter) | undefined {
  if (express === null || (typeof express !== 'object' && typeof express !== 'function')) return undefined;
  const { Router: factory } = express as Partial<ExpressExports>;
  return typeof factory === 'function' ? (factory as () => NewRouter) : undefined;
}
