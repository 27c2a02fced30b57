import type { SpanRecord } from '@org/tracing-core';

import { drawTraces, groupByTrace } from './trace-drawing.ts';

const A_TRACE = 'expected the spans of one trace, such as `await receiver.waitForTrace()` gives';

/**
 * What is asserted on, as spans of one trace.
 *
 * @throws {TypeError} When it is something else; says what it is and what to do.
 */
export function checkedTrace(received: unknown): readonly SpanRecord[] {
  const spans = checkedSpans(received);
  const traces = groupByTrace(spans);
  if (traces.length === 1) return spans;
  throw new TypeError(
    `${A_TRACE}; got those of ${traces.length} traces. Assert on one of them, such as \`receiver.traces()[0]\`. ` +
      `If one request made them all, \`toBeContinuous\` says where it fell apart.\n\n${drawTraces(spans)}`,
  );
}

/**
 * What is asserted on, as spans of a trace or more.
 *
 * @throws {TypeError} When it is something else; says what it is and what to do.
 */
export function checkedSpans(received: unknown): readonly SpanRecord[] {
  if (!Array.isArray(received)) throw new TypeError(`${A_TRACE}; got ${wrongThing(received)}`);
  if (received.length === 0) {
    throw new TypeError(
      `${A_TRACE}; got an empty array: no span has arrived yet, or none was made. Wait for the trace with ` +
        '`await receiver.waitForTrace()`, whose time limit says what did arrive.',
    );
  }
  const index = received.findIndex((span) => !isSpanRecord(span));
  if (index !== -1) throw new TypeError(`${A_TRACE}; got ${wrongSpan(received[index])} at ${index}`);
  return received as SpanRecord[];
}

function isSpanRecord(value: unknown): boolean {
  const { traceId, spanId, name, startTimeUnixNano } = Object(value) as Partial<SpanRecord>;
  return (
    typeof traceId === 'string' &&
    typeof spanId === 'string' &&
    typeof name === 'string' &&
    typeof startTimeUnixNano === 'bigint'
  );
}

function wrongThing(value: unknown): string {
  const { then, spans } = Object(value) as { then?: unknown; spans?: unknown };
  if (typeof then === 'function') return 'a promise: await it.';
  if (Array.isArray(spans))
    return 'a collector: pass its `spans`, or what its `waitForTrace()` resolves with.';
  if (isSpanRecord(value)) return 'one span: pass all spans of its trace, in an array.';
  return `${kindOf(value)}.`;
}

function wrongSpan(value: unknown): string {
  const { spanContext } = Object(value) as { spanContext?: unknown };
  if (typeof spanContext === 'function') {
    return "a span of OpenTelemetry's SDK: convert each with `toSpanRecord` of @org/tracing-core, or collect them with `spanCollector()`;";
  }
  if (Array.isArray(value)) return 'an array (of several traces?): pass one of them;';
  return kindOf(value);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'object') return `an object with ${Object.keys(value).join(', ') || 'no keys'}`;
  return `a ${typeof value}`;
}
