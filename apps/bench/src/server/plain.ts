import { AsyncLocalStorage } from 'node:async_hooks';

import type { Setup } from './setup.ts';

/** No tracer. */
export function setUpNothing(): Setup {
  return { flush: async () => undefined };
}

/** The least that a tracer in process can cost: each request runs in a context of its own. */
export function setUpFloor(): Setup {
  const storage = new AsyncLocalStorage<object>();
  return {
    fastify: (app) => app.addHook('onRequest', (_request, _reply, done) => storage.run({}, done)),
    koa: (app) => void app.use((_context: unknown, next: () => Promise<void>) => storage.run({}, next)),
    express: (app) =>
      void app.use((_request: unknown, _response: unknown, next: () => void) => storage.run({}, next)),
    flush: async () => undefined,
  };
}
