import type { Context } from '@opentelemetry/api';
import { type PinoMixin, pinoTraceMixin, serverContextOf, type ServerSpan } from '@org/tracing-core';
import type { FastifyRequest } from 'fastify';

type MixinHolder = Record<symbol, PinoMixin | undefined>;

const CORRELATED = Symbol.for('@org/tracing.correlated');
const OPEN_SPAN = Symbol.for('@org/tracing.fastify.open-span');

/** Opens the span of a request, or returns the one that is open. */
export type OpenSpan = (request: FastifyRequest) => ServerSpan<FastifyRequest>;

/**
 * Lets the lines of requests of this scope, and of those below it, open spans: Fastify writes "incoming request"
 * before any hook runs.
 */
export function openWithFirstLine(instance: object, open: OpenSpan): void {
  (instance as { [OPEN_SPAN]?: OpenSpan })[OPEN_SPAN] ??= open;
}

/**
 * Makes a pino logger, and every child of it, write `trace_id`, `span_id` and `trace_flags` on its lines, or the ids of
 * the format that `LOG_FORMAT` names, and the baggage that was asked for.
 *
 * A mixin is pino's own way for this, but only its constructor takes one; Fastify has called that already. The
 * symbol that it keeps the mixin under is found by its description, since pino's copy is Fastify's own.
 * Other loggers are left as they are.
 */
export function correlateLogger(logger: object): void {
  const symbol = mixinSymbol(logger);
  if (symbol === undefined) return;
  const holder = logger as MixinHolder;
  const existing = holder[symbol];
  if (existing && CORRELATED in existing) return;
  // What the application adds itself wins.
  const mixin = pinoTraceMixin({ mixin: existing, contextOf: contextOfLine });
  holder[symbol] = Object.assign(mixin, { [CORRELATED]: true });
}

function mixinSymbol(logger: object): symbol | undefined {
  for (let object: object | null = logger; object; object = Object.getPrototypeOf(object)) {
    const found = Object.getOwnPropertySymbols(object).find((symbol) => symbol.description === 'pino.mixin');
    if (found) return found;
  }
  return undefined;
}

/** The context of the request that one of Fastify's own lines (`{ req }`) speaks of. */
function contextOfLine(line: object): Context | undefined {
  const { req: request } = line as { req?: FastifyRequest & { server?: { [OPEN_SPAN]?: OpenSpan } } };
  if (typeof request !== 'object' || request === null || !('raw' in request)) return undefined;
  request.server?.[OPEN_SPAN]?.(request);
  return serverContextOf(request.raw);
}
