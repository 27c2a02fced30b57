import { buildTraceTree, drawTraceTree, type SpanRecord, type TreeLogLine } from '@org/tracing-core';
import type { LogLine } from '@org/tracing-testing';

import type { System } from './system.ts';

const WIDTH = 100;

/** Draws a trace with the log lines that its services wrote, as wide as the terminal, in colours if it is one. */
export function drawTrace(
  trace: readonly SpanRecord[],
  { services }: System,
  screen: NodeJS.WriteStream,
): string {
  return drawTraceTree(buildTraceTree(trace), {
    width: screen.columns ?? WIDTH,
    color: screen.isTTY && !process.env['NO_COLOR'],
    logs: Object.values(services).flatMap(({ logs }) => logs.map(treeLogLine)),
  });
}

function treeLogLine({
  trace_id: traceId,
  span_id: spanId,
  level,
  message,
  exception,
}: LogLine): TreeLogLine {
  const { message: error } = Object(exception) as { message?: unknown };
  return {
    traceId: String(traceId),
    spanId: String(spanId),
    level: String(level),
    message: error === undefined ? String(message) : `${String(message)}: ${String(error)}`,
  };
}
