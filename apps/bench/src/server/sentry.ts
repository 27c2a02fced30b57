import type { Load, Setup, UsesMiddleware } from './setup.ts';

interface Sentry {
  init(options: object): void;
  setupFastifyErrorHandler(app: unknown): void;
  setupKoaErrorHandler(app: UsesMiddleware): void;
  setupExpressErrorHandler(app: UsesMiddleware): void;
  flush(millis: number): Promise<boolean>;
}

/** Sentry's SDK, as its documentation says. */
export function setUpSentry(load: Load): Setup {
  const sentry = load('@sentry/node') as Sentry;
  sentry.init({ dsn: process.env['BENCH_DSN'], tracesSampleRate: 1 });
  return {
    fastify: (app) => sentry.setupFastifyErrorHandler(app),
    koa: (app) => sentry.setupKoaErrorHandler(app),
    expressLast: (app) => sentry.setupExpressErrorHandler(app),
    async flush() {
      if (!(await sentry.flush(30_000))) throw new Error('Sentry did not send everything in time');
    },
  };
}
