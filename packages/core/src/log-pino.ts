import { type Context, trace } from '@opentelemetry/api';

import { noteLogger } from './doctor/noted.ts';
import { type TraceFieldsOptions, traceFieldsSource } from './log-trace-fields.ts';
import { callHook } from './user-hook.ts';

/** A mixin of pino: gives fields for a line. */
export type PinoMixin = (mergeObject: object, level: number, logger: never) => object;

/** Options of {@link pinoTraceMixin}. */
export interface PinoTraceMixinOptions extends TraceFieldsOptions {
  /** The application's own mixin; its fields win. */
  readonly mixin?: PinoMixin | undefined;
  /** The context that a line belongs to which is written while no span is active, by what the line says. */
  readonly contextOf?: ((mergeObject: object) => Context | undefined) | undefined;
}

/** A mixin that can be switched off and on. */
export interface PinoTraceMixin {
  (mergeObject: object, level: number, logger?: object): object;
  /** Whether it adds fields. */
  enabled: boolean;
}

/** What is used of a logger of pino. */
interface PinoLogger {
  readonly levels?: { readonly labels?: Readonly<Record<number, string>> };
  bindings?(): Readonly<Record<string, unknown>>;
}

/**
 * A mixin for pino: `trace_id`, `span_id` and `trace_flags` of the active span on each line, those of child loggers too, or
 * what another `logFormat` has in their place; `severity` for `gcp`. pino writes the rest of the line as before.
 *
 * Fields of the line, of the logger (`child`) and of the own mixin win. Without a span, or with an invalid one, a line has
 * no ids.
 *
 * @throws {TypeError} Names the option that is wrong.
 * @example
 * const log = pino({ mixin: pinoTraceMixin() });
 */
export function pinoTraceMixin(options: PinoTraceMixinOptions = {}): PinoTraceMixin {
  const source = traceFieldsSource('pinoTraceMixin', options);
  const { mixin, contextOf } = options;
  noteLogger('pino');
  const quoted = source.keys.map((key) => ({ key, text: `${JSON.stringify(key)}:` }));

  // A logger's own text stays the same, so the keys that it has are looked for once.
  let lastBound = '';
  let taken: readonly string[] = [];
  function takenBy(logger: PinoLogger & object): readonly string[] {
    const bound = boundText(logger);
    if (bound === lastBound) return taken;
    lastBound = bound;
    taken = quoted
      .filter(({ key, text }) => bound.includes(text) && Object.hasOwn(logger.bindings?.() ?? {}, key))
      .map(({ key }) => key);
    return taken;
  }

  const traceMixin = (mergeObject: object, level: number, logger: PinoLogger & object = {}): object => {
    const own = mixin?.(mergeObject, level, logger as never);
    if (!traceMixinWithSwitch.enabled) return own ?? {};
    const isOutside = contextOf !== undefined && trace.getActiveSpan() === undefined;
    const within = isOutside ? callHook(CONTEXT_OF, () => contextOf(mergeObject)) : undefined;
    const fields = source.read(logger.levels?.labels?.[level], within);
    // pino would write a key twice that a child logger has been given.
    for (const key of takenBy(logger)) delete fields[key];
    return own === undefined ? fields : Object.assign(fields, own);
  };
  const traceMixinWithSwitch: PinoTraceMixin = Object.assign(traceMixin, {
    enabled: options.enabled ?? true,
  });
  return traceMixinWithSwitch;
}

const CONTEXT_OF = 'the option "contextOf" of pinoTraceMixin';

let bindingsSymbol: symbol | undefined;

/**
 * The fields of a logger as JSON, which pino keeps ready; asking `bindings()` each time would parse them. pino may be there
 * in several copies, so its symbol is looked for again where one logger does not have it.
 */
function boundText(logger: object): string {
  const known: unknown = bindingsSymbol && (logger as Record<symbol, unknown>)[bindingsSymbol];
  if (typeof known === 'string') return known;
  bindingsSymbol = Object.getOwnPropertySymbols(logger).find(
    ({ description }) => description === 'pino.chindings',
  );
  const found: unknown = bindingsSymbol && (logger as Record<symbol, unknown>)[bindingsSymbol];
  return typeof found === 'string' ? found : '';
}
