import {
  buildTraceTree,
  drawTraceTree,
  type MaybeTerminal,
  type SpanRecord,
  terminalLook,
  type TreeLogLine,
} from '@org/tracing-core';

import { byTime } from './log-api-line.ts';
import type { StoredLog } from './stored-log.ts';
import { plural } from './plural.ts';
import { looksWhole } from './trace-completeness.ts';
import type { TraceStore } from './trace-store.ts';

/** When a trace counts as complete, in milliseconds since its last span came. */
export interface TreePrinterTimes {
  /** Where nothing of it is known to be missing. */
  readonly quietMs: number;
  /** Where something is: longer than the five seconds after which exporters send. */
  readonly patienceMs: number;
}

const TIMES: TreePrinterTimes = { quietMs: 500, patienceMs: 6000 };
const LOOK_EVERY_MS = 100;
/** Traces that wait at most, and spans of each; past them one is printed as far as it has come. */
const WAITING = 1000;
const SPANS_AT_ONCE = 10_000;
/** Trace ids that are remembered after printing, to tell late spans from a new trace. */
const PRINTED = 10_000;

/** Spans of a trace that are not printed yet. */
interface Waiting {
  spans: SpanRecord[];
  lastMs: number;
  /** How long it has to be quiet; told anew after each span. */
  enoughMs: number | undefined;
}

export interface TreePrinter {
  /** Prints what waits, and no more afterwards. */
  close(): void;
}

/**
 * Prints each trace as a tree when it is complete: quiet for a moment, or for longer where its root, a parent or the
 * answer to a call is missing. Spans that come afterwards are printed as a tree of their own, which says so.
 *
 * @param write Takes text that ends a line.
 * @param screen Tells width and colours.
 */
export function treePrinter(
  store: TraceStore,
  write: (text: string) => void,
  screen: MaybeTerminal,
  { quietMs, patienceMs }: TreePrinterTimes = TIMES,
): TreePrinter {
  /** By trace id. */
  const waiting = new Map<string, Waiting>();
  const printed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const stopListening = store.listen({
    changed: () => undefined,
    gone: print,
    arrived(spans) {
      const lastMs = performance.now();
      for (const span of spans) {
        const { traceId } = span;
        let trace = waiting.get(traceId);
        if (!trace) waiting.set(traceId, (trace = { spans: [], lastMs, enoughMs: undefined }));
        trace.spans.push(span);
        trace.lastMs = lastMs;
        trace.enoughMs = undefined;
        if (trace.spans.length >= SPANS_AT_ONCE) print(traceId);
      }
      for (const traceId of waiting.keys()) {
        if (waiting.size <= WAITING) break;
        print(traceId);
      }
      timer ??= setInterval(printQuiet, LOOK_EVERY_MS).unref();
    },
  });

  function printQuiet(): void {
    const now = performance.now();
    for (const [traceId, trace] of waiting) {
      if (now - trace.lastMs < quietMs) continue;
      trace.enoughMs ??= isSettled(traceId) ? quietMs : patienceMs;
      if (now - trace.lastMs >= trace.enoughMs) print(traceId);
    }
    if (waiting.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  function isSettled(traceId: string): boolean {
    const trace = store.get(traceId);
    return trace === undefined || printed.has(traceId) || looksWhole(trace);
  }

  function print(traceId: string): void {
    const spans = waiting.get(traceId)?.spans ?? [];
    waiting.delete(traceId);
    if (spans.length === 0) return;
    const isLate = printed.has(traceId);
    remember(traceId);
    const trace = store.get(traceId);
    const remarks: string[] = [];
    if (isLate) remarks.push(`${plural(spans.length, 'late span')} of a trace printed above`);
    else if (trace && !trace.whole) remarks.push('its root has not come');
    const known = new Set(spans.map(({ spanId }) => spanId));
    // Those of other spans were printed with them.
    const logs = (trace?.logs ?? []).filter(({ spanId }) => !isLate || known.has(spanId ?? ''));
    const drawing = drawTraceTree(buildTraceTree(spans), {
      ...terminalLook(screen),
      logs: logs.toSorted(byTime).map(treeLogLine),
      remarks,
    });
    write(`${drawing}\n\n`);
  }

  function remember(traceId: string): void {
    printed.delete(traceId);
    printed.add(traceId);
    for (const oldest of printed) {
      if (printed.size <= PRINTED) break;
      printed.delete(oldest);
    }
  }

  return {
    close() {
      stopListening();
      clearInterval(timer);
      for (const traceId of waiting.keys()) print(traceId);
    },
  };
}

function treeLogLine({ traceId, spanId = '', level, message, attributes }: StoredLog): TreeLogLine {
  const { message: error } = Object(attributes['exception']) as { message?: unknown };
  return {
    traceId,
    spanId,
    ...(level !== '' && { level }),
    message:
      error === undefined
        ? message
        : `${message}: ${typeof error === 'string' ? error : JSON.stringify(error)}`,
  };
}
