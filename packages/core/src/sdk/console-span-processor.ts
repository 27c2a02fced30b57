import { diag, TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';

import { errorText } from '../diagnostics.ts';
import { lineWriter, type LogStream } from '../log-output.ts';
import { toSpanRecord } from '../span-record-from-sdk.ts';
import { drawTraceTree } from '../trace-tree-drawing.ts';
import { type MaybeTerminal, terminalLook } from '../trace-tree-terminal.ts';
import { buildTraceTree } from '../trace-tree.ts';

/** Options of {@link ConsoleSpanProcessor}. */
export interface ConsoleSpanProcessorOptions {
  /** Where traces are printed; default `process.stderr`. */
  readonly stream?: LogStream & MaybeTerminal;
  /** Traces that are held at most, whose spans have not all ended; default 100. */
  readonly maxTraces?: number;
  /** Ended spans that are held at most of each; default 1000. */
  readonly maxSpansPerTrace?: number;
}

/** A trace of which spans are open in this process, or ended and not printed. */
interface HeldTrace {
  open: number;
  ended: ReadableSpan[];
  /** Whether a part of it was printed before. */
  continued: boolean;
}

/** Trace ids that are remembered after printing, to tell a trace that goes on from a new one. */
const PRINTED_AT_MOST = 1000;

/**
 * Prints each trace as a tree, at the moment when its last open span of this process ends. A span that follows
 * later (a hop of the same trace, work after the answer) is printed as another tree, marked `continued`.
 *
 * What it holds is bounded: past `maxTraces` the oldest trace is printed as far as it is known and let go, past
 * `maxSpansPerTrace` a trace is printed in parts; either is said in the heading. Never throws.
 */
export class ConsoleSpanProcessor implements SpanProcessor {
  readonly #stream: LogStream & MaybeTerminal;
  readonly #write: (text: string) => void;
  readonly #maxTraces: number;
  readonly #maxSpansPerTrace: number;
  /** By trace id, oldest first. */
  readonly #held = new Map<string, HeldTrace>();
  /** Trace ids, longest ago first. */
  readonly #printed = new Set<string>();
  #stopped = false;

  constructor({
    stream = process.stderr,
    maxTraces = 100,
    maxSpansPerTrace = 1000,
  }: ConsoleSpanProcessorOptions = {}) {
    this.#stream = stream;
    this.#write = lineWriter(stream);
    this.#maxTraces = maxTraces;
    this.#maxSpansPerTrace = maxSpansPerTrace;
  }

  /** Ended spans that are not printed yet. */
  get waiting(): number {
    let spans = 0;
    for (const { ended } of this.#held.values()) spans += ended.length;
    return spans;
  }

  onStart(span: Span): void {
    if (this.#ignores(span)) return;
    this.#hold(span.spanContext().traceId).open += 1;
  }

  onEnd(span: ReadableSpan): void {
    if (this.#ignores(span)) return;
    const { traceId } = span.spanContext();
    // Absent where the trace was let go while this span was open.
    const trace = this.#hold(traceId);
    trace.open = Math.max(0, trace.open - 1);
    trace.ended.push(span);
    if (trace.open === 0) {
      this.#held.delete(traceId);
      this.#print(traceId, trace);
    } else if (trace.ended.length >= this.#maxSpansPerTrace) {
      this.#print(traceId, trace, `printed in parts of ${this.#maxSpansPerTrace} spans`);
    }
  }

  /** Prints the ended spans of every trace; their open ones follow when they end. */
  async forceFlush(): Promise<void> {
    for (const [traceId, trace] of this.#held) this.#print(traceId, trace);
  }

  /** Prints what is held; spans that end afterwards are not printed. */
  async shutdown(): Promise<void> {
    await this.forceFlush();
    this.#stopped = true;
    this.#held.clear();
  }

  #ignores(span: ReadableSpan): boolean {
    // A sampler may have a span recorded for another processor alone.
    return this.#stopped || (span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0;
  }

  #hold(traceId: string): HeldTrace {
    const known = this.#held.get(traceId);
    if (known) return known;
    for (const [oldestId, oldest] of this.#held) {
      if (this.#held.size < this.#maxTraces) break;
      this.#held.delete(oldestId);
      this.#print(oldestId, oldest, `let go: more than ${this.#maxTraces} traces are open`);
    }
    const trace: HeldTrace = { open: 0, ended: [], continued: this.#printed.has(traceId) };
    this.#held.set(traceId, trace);
    return trace;
  }

  /** Prints the ended spans, and forgets them. */
  #print(traceId: string, trace: HeldTrace, ...remarks: string[]): void {
    const { ended, open, continued } = trace;
    if (ended.length === 0) return;
    trace.ended = [];
    trace.continued = true;
    this.#remember(traceId);
    if (open > 0) remarks.unshift(`${open} still open`);
    if (continued) remarks.unshift('continued');
    try {
      const tree = buildTraceTree(ended.map(toSpanRecord));
      this.#write(`${drawTraceTree(tree, { ...terminalLook(this.#stream), remarks })}\n`);
    } catch (error) {
      diag.error(`a trace could not be printed: ${errorText(error)}`);
    }
  }

  #remember(traceId: string): void {
    this.#printed.delete(traceId);
    this.#printed.add(traceId);
    for (const oldest of this.#printed) {
      if (this.#printed.size <= PRINTED_AT_MOST) break;
      this.#printed.delete(oldest);
    }
  }
}
