import { callHook } from './user-hook.ts';
import { readLogArguments } from './log-arguments.ts';
import { contextFields } from './log-context-fields.ts';
import { createLogFormatter } from './log-line.ts';
import type { LineOptions } from './log-options.ts';
import { lineWriter, type LogStream, pieceAtMost } from './log-output.ts';
import { createRedaction } from './log-redaction.ts';
import { currentService } from './log-service.ts';
import { gcpProjectOf, logFormatOf } from './log-settings.ts';
import { activeSpanContext } from './log-trace-ids.ts';
import { type MaybeTerminal, terminalLook } from './trace-tree-terminal.ts';

/** Writes the line of one call of a logging method. Never throws. */
export type LogWriter = (level: string, logger: string | undefined, args: readonly unknown[]) => void;

/** A place for lines. */
export interface LogPlace {
  /** Never throws. */
  put(line: string, level: string): void;
  /** Whether a person looks at it, in colours. */
  readonly color: boolean | undefined;
  /** Bytes of a line that it keeps in one piece; undefined where that is of no matter. */
  readonly pieceAtMost: number | undefined;
}

/** The place that a stream is. */
export function streamPlace(stream: LogStream = process.stderr): LogPlace {
  const color = terminalLook(stream as MaybeTerminal).color;
  return { put: lineWriter(stream), color, pieceAtMost: pieceAtMost(stream) };
}

/** Where lines go, and what is wrong with the variables that decide how they look. */
export interface LogWriting {
  readonly write: LogWriter;
  readonly warning?: string;
}

/**
 * Makes what all bindings that write lines themselves share: arguments become a message, fields and an exception, and these
 * with the ids of the active span a line.
 */
export function createLogWriter(options: LineOptions, place: LogPlace): LogWriting {
  const { serviceName, traceKeys, redact, fields: giveFields } = options;
  const logFormat = logFormatOf(options.logFormat);
  const service = currentService(serviceName);
  const isSecret = createRedaction(redact);
  const addedFields = guardedFields(giveFields);
  const format = createLogFormatter({
    logFormat: logFormat.value,
    traceKeys,
    redact,
    gcpProjectId: gcpProjectOf(options.gcpProjectId),
    maxLineBytes: options.maxLineBytes ?? place.pieceAtMost,
    color: place.color,
  });

  return {
    ...(logFormat.warning !== undefined && { warning: logFormat.warning }),
    write(level, logger, args) {
      try {
        const { message, fields, error } = readLogArguments(args, isSecret);
        const { service: name, serviceVersion, environment } = service();
        const line = format({
          level,
          service: name,
          serviceVersion,
          environment,
          message,
          logger,
          spanContext: activeSpanContext(),
          fields: allFields(contextFields(), addedFields?.(), fields),
          error,
        });
        place.put(line, level);
      } catch {
        // No value that is logged leads here; a call at the very end of the stack may.
      }
    },
  };
}

/** Of fields with one key the later win. */
function allFields(
  ofContext: object | undefined,
  added: object | undefined,
  own: readonly object[],
): readonly object[] {
  if (ofContext === undefined && added === undefined) return own;
  const all: object[] = [];
  if (ofContext !== undefined) all.push(ofContext);
  if (added !== undefined) all.push(added);
  all.push(...own);
  return all;
}

/** The option `fields` of a binding, made unable to break a line; undefined where there is none. */
export function guardedFields(fields: LineOptions['fields']): (() => object | undefined) | undefined {
  if (fields === undefined) return undefined;
  // `diag` may lead back here, where the application has it write to the same loggers.
  let running = false;
  return () => {
    if (running) return undefined;
    running = true;
    try {
      const added = callHook('the option "fields" of a logger', fields);
      return typeof added === 'object' && added !== null ? added : undefined;
    } finally {
      running = false;
    }
  };
}
