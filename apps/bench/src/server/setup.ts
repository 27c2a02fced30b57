/** What a tracer is given of an application, where its documentation wants something in the application's code. */
export interface Setup {
  /** Awaited before the routes are defined. */
  fastify?(app: FastifyLike): unknown;
  /** Called before any other middleware. */
  koa?(app: UsesMiddleware): void;
  /** Called before any other middleware. */
  express?(app: UsesMiddleware): void;
  /** Called after all routes. */
  expressLast?(app: UsesMiddleware): void;
  pg?(pg: unknown): void;
  /** Work below a request: opens and ends so many spans, one after the other. */
  spans?(count: number): void;
  /** Resolves when all spans have been sent. */
  flush(): Promise<void>;
}

export interface FastifyLike {
  register(plugin: unknown, options?: object): unknown;
  addHook(name: 'onRequest', hook: (request: unknown, reply: unknown, done: () => void) => void): unknown;
}

export interface UsesMiddleware {
  use(middleware: unknown): unknown;
}

/** Loads a module of the bench's own modules folder, the same for all set-ups. */
export type Load = (name: string) => unknown;

/** What the handlers of a hop of the chain do; none where the application answers alone. */
export type Work = ((id: string) => Promise<unknown>) | undefined;

/** Starts an application on 127.0.0.1. @returns Its port. */
export type Start = (load: Load, setup: Setup, work: Work) => Promise<number>;
