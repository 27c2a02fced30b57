import type { SpanRecord } from '@org/tracing-core';

import type { StoreCounts } from './api.ts';
import { type LinkFrom, LinkIndex } from './link-index.ts';
import { sizeOfLog, sizeOfSpan } from './memory-size.ts';
import { DEFAULT_LIMITS, type StoreLimits } from './store-limits.ts';
import type { StoredLog } from './stored-log.ts';
import { StoredTrace } from './stored-trace.ts';
import { WaitingLogs } from './waiting-logs.ts';

/** Is told what has changed, once for each call that changed it. */
export interface StoreListener {
  changed(trace: StoredTrace): void;
  gone(traceId: string): void;
  /** The spans that were kept of one call. */
  arrived?(spans: readonly SpanRecord[]): void;
}

const WAITING_LINES = 10_000;
/** The part of the store's bytes that lines which wait for their trace may take besides. */
const WAITING_SHARE = 1 / 16;

/**
 * Spans and log lines by trace, bounded: past any limit the trace that came first goes, and is counted. A trace
 * that alone is past a limit stays, and further spans of it are counted as gone.
 */
export class TraceStore {
  readonly limits: StoreLimits;
  /** In the order in which their first spans came. */
  readonly #traces = new Map<string, StoredTrace>();
  readonly #links = new LinkIndex();
  readonly #waiting: WaitingLogs;
  readonly #listeners = new Set<StoreListener>();
  /** What the call under way has changed. */
  readonly #touched = new Set<StoredTrace>();
  #revision = 0;
  #spans = 0;
  #logs = 0;
  #bytes = 0;
  #evictedTraces = 0;
  #evictedSpans = 0;
  #evictedLogs = 0;

  constructor(limits: Partial<StoreLimits> = {}) {
    this.limits = { ...DEFAULT_LIMITS, ...limits };
    this.#waiting = new WaitingLogs(WAITING_LINES, this.limits.bytes * WAITING_SHARE);
  }

  /** Takes spans in any order; one that is here already is left out. */
  addSpans(spans: readonly SpanRecord[]): void {
    const kept: SpanRecord[] = [];
    for (const span of spans) {
      const { traceId } = span;
      let trace = this.#traces.get(traceId);
      if (trace && this.#isFullOfOne() && !trace.spans.has(span.spanId)) {
        this.#evictedSpans += 1;
        continue;
      }
      trace ??= this.#begin(traceId);
      const before = trace.lastSpan;
      if (!trace.addSpan(span)) continue;
      kept.push(span);
      this.#spans += 1;
      this.#grow(trace, sizeOfSpan(span, before));
      if (span.links.length > 0) this.#addLinks(span);
      this.#makeRoom();
    }
    this.#tell(kept);
  }

  /** Takes log lines; those whose trace is not here wait for it. */
  addLogs(logs: readonly StoredLog[]): void {
    for (const log of logs) {
      const trace = this.#traces.get(log.traceId);
      if (!trace) this.#waiting.add(log);
      else if (this.#isFullOfOne()) this.#evictedLogs += 1;
      else {
        this.#join(trace, log);
        this.#makeRoom();
      }
    }
    this.#tell([]);
  }

  /** Goes up with each change. */
  get revision(): number {
    return this.#revision;
  }

  get(traceId: string): StoredTrace | undefined {
    return this.#traces.get(traceId);
  }

  /** The one whose first span came first is the first. */
  traces(): Iterable<StoredTrace> {
    return this.#traces.values();
  }

  /** Ids of the traces, held at present, that link to this one. */
  tracesTo(traceId: string): Iterable<string> {
    return this.#links.tracesTo(traceId);
  }

  linksToTrace(traceId: string): readonly LinkFrom[] {
    return this.#links.toTrace(traceId);
  }

  linksTo(traceId: string, spanId: string): readonly LinkFrom[] {
    return this.#links.to(traceId, spanId);
  }

  counts(): StoreCounts {
    return {
      traces: this.#traces.size,
      spans: this.#spans,
      logs: this.#logs,
      bytes: this.#bytes,
      evictedTraces: this.#evictedTraces,
      evictedSpans: this.#evictedSpans,
      evictedLogs: this.#evictedLogs + this.#waiting.dropped,
      limits: this.limits,
    };
  }

  /** @returns A function that ends it. */
  listen(listener: StoreListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #begin(traceId: string): StoredTrace {
    const trace = new StoredTrace(traceId);
    this.#traces.set(traceId, trace);
    for (const log of this.#waiting.take(traceId)) this.#join(trace, log);
    this.#touch(this.#links.tracesTo(traceId));
    return trace;
  }

  #join(trace: StoredTrace, log: StoredLog): void {
    const size = sizeOfLog(log, trace.logs.at(-1));
    trace.addLog(log);
    this.#logs += 1;
    this.#grow(trace, size);
  }

  #grow(trace: StoredTrace, bytes: number): void {
    trace.bytes += bytes;
    this.#bytes += bytes;
    this.#touched.add(trace);
  }

  #addLinks(span: SpanRecord): void {
    this.#links.add(span);
    this.#touch(span.links.map(({ traceId }) => traceId));
  }

  /** Traces change too where one that they link to, or that links to them, comes or goes. */
  #touch(traceIds: Iterable<string>): void {
    for (const traceId of traceIds) {
      const trace = this.#traces.get(traceId);
      if (trace) this.#touched.add(trace);
    }
  }

  #isFullOfOne(): boolean {
    const { spans, bytes } = this.limits;
    return this.#traces.size === 1 && (this.#spans >= spans || this.#bytes >= bytes);
  }

  #makeRoom(): void {
    const { traces, spans, bytes } = this.limits;
    while (this.#traces.size > traces || this.#spans > spans || this.#bytes > bytes) {
      const [oldest] = this.#traces.values();
      if (!oldest || this.#traces.size === 1) return;
      this.#evict(oldest);
    }
  }

  #evict(trace: StoredTrace): void {
    const { traceId, linked } = trace;
    this.#traces.delete(traceId);
    this.#touched.delete(trace);
    this.#spans -= trace.spans.size;
    this.#logs -= trace.logs.length;
    this.#bytes -= trace.bytes;
    this.#evictedTraces += 1;
    // It may be the one that was to change.
    this.#revision += 1;
    this.#evictedSpans += trace.spans.size;
    this.#evictedLogs += trace.logs.length;
    this.#links.remove(traceId, linked);
    this.#touch(linked);
    this.#touch(this.#links.tracesTo(traceId));
    for (const listener of this.#listeners) listener.gone(traceId);
  }

  #tell(kept: readonly SpanRecord[]): void {
    for (const trace of this.#touched) {
      trace.revision = this.#revision += 1;
      for (const listener of this.#listeners) listener.changed(trace);
    }
    this.#touched.clear();
    if (kept.length > 0) for (const listener of this.#listeners) listener.arrived?.(kept);
  }
}
