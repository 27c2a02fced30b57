import {
  context,
  type ContextManager,
  diag,
  type DiagLogger,
  propagation,
  type TextMapPropagator,
  trace,
  type TracerProvider,
} from '@opentelemetry/api';

/** The API keeps what is registered here, under its major version, for every copy of it in the process. */
const API_GLOBAL = Symbol.for('opentelemetry.js.api.1');

type ApiName = 'context' | 'diag' | 'metrics' | 'propagation' | 'trace';

type ApiGlobal = { [Name in ApiName]?: object } & { readonly version?: string };

/** What is registered with the API, by us or by anyone; the API itself does not tell. */
export function registeredGlobal(name: ApiName): object | undefined {
  return apiGlobal()?.[name];
}

/** The version of the copy of the API that registered first; undefined where nothing is registered. */
export function registeredVersion(): string | undefined {
  return apiGlobal()?.version;
}

/**
 * Runs what makes a part of upstream, which reads the variables of the environment too: with nothing listening to `diag`,
 * whoever registered the listener, and without the variables of headers. An entry of these that cannot be sent is left
 * out here; upstream would add it again, and fail at each export or, with the secret in its message, at once.
 */
export function withoutDiagnostics<T>(fn: () => T): T {
  const api = apiGlobal();
  const logger = api?.diag;
  const headers = Object.entries(process.env).filter(([name]) => HEADERS_VARIABLE.test(name));
  if (api && logger) delete api.diag;
  for (const [name] of headers) delete process.env[name];
  try {
    return fn();
  } finally {
    if (api && logger) api.diag = logger;
    for (const [name, value] of headers) process.env[name] = value;
  }
}

/** Runs `fn`, and gives what it says by `diag` at level warning or above, which nobody else hears. */
export function withMessages<T>(fn: () => T): { readonly value: T; readonly messages: readonly string[] } {
  const messages: string[] = [];
  const say = (...args: unknown[]): void => void messages.push(args.join(' '));
  const listener: DiagLogger = { error: say, warn: say, info: ignore, debug: ignore, verbose: ignore };
  const api = apiGlobal();
  const logger = api?.diag;
  if (api) api.diag = listener;
  else diag.setLogger(listener);
  try {
    return { value: fn(), messages };
  } finally {
    if (logger !== undefined && api) api.diag = logger;
    else if (api) delete api.diag;
    // Not even its version may stay, since another copy of the API may be the first to register something.
    else delete (globalThis as { [API_GLOBAL]?: ApiGlobal })[API_GLOBAL];
  }
}

function ignore(): void {
  // Below the level that counts.
}

const HEADERS_VARIABLE = /^OTEL_EXPORTER_OTLP_(?:[A-Z]+_)?HEADERS$/;

/** What takes part in making and carrying context, with or without a provider of spans. */
export interface Globals {
  readonly provider: TracerProvider | undefined;
  readonly contextManager: ContextManager;
  readonly propagator: TextMapPropagator;
}

/**
 * Registers with the API that this package resolves, its peer, and not by `provider.register()`: the SDK may
 * bring an older copy of the API than the application's, and a newer copy refuses what an older one registered,
 * while the older reads what the newer registered.
 *
 * A context manager or propagator that the application registered itself is kept.
 *
 * @returns Unregisters what was registered here.
 */
export function registerGlobals({ provider, contextManager, propagator }: Globals): () => void {
  const undo: (() => void)[] = [];
  if (!kept('context', 'context manager')) {
    context.setGlobalContextManager(contextManager.enable());
    markRegistered(contextManager);
    undo.push(() => context.disable());
  }
  if (!kept('propagation', 'propagator')) {
    propagation.setGlobalPropagator(propagator);
    markRegistered(propagator);
    undo.push(() => propagation.disable());
  }
  if (provider !== undefined) {
    trace.setGlobalTracerProvider(provider);
    markRegistered(provider);
    undo.push(() => trace.disable());
  }
  return () => {
    for (const step of undo) step();
  };
}

/** Who registered something: a mark that every copy of this package finds. */
const OURS = Symbol.for('@org/tracing.registered');

/** Leaves that mark. */
export function markRegistered(registered: object): void {
  Object.defineProperty(registered, OURS, { value: true, configurable: true });
}

/** Whether `initTracing`, of this copy of the package or another, has registered this. */
export function isRegisteredHere(registered: object): boolean {
  return OURS in registered;
}

function kept(name: ApiName, what: string): boolean {
  if (registeredGlobal(name) === undefined) return false;
  diag.warn(`the application registered a ${what} of its own, which is kept`);
  return true;
}

function apiGlobal(): ApiGlobal | undefined {
  return (globalThis as { [API_GLOBAL]?: ApiGlobal })[API_GLOBAL];
}
