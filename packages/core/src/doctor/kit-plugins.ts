/**
 * The libraries that the kit has a plugin for, which is the one place of core that names them: what misses its plugin
 * cannot be told by a plugin that is not there.
 */
export const TRACEABLE: readonly string[] = ['express', 'fastify', 'koa', 'pg'];

/** The plugin of a library. */
export function pluginOf(library: string): string {
  return `@org/tracing-${library}`;
}

/** Whether a package is somebody else's instrumentation of the library. */
export function isOtherInstrumentation(packageName: string, library: string): boolean {
  return packageName === `@opentelemetry/instrumentation-${library}` || packageName === `@${library}/otel`;
}

/** Whether a package brings instrumentations of all these libraries. */
export const ALL_INSTRUMENTATIONS = '@opentelemetry/auto-instrumentations-node';

/** Loggers that can be given trace ids. */
export const LOGGERS: readonly string[] = ['loglevel', 'pino', 'winston'];
