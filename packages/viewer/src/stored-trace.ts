import { SpanStatusCode } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';

import type { TraceSummary } from './api.ts';
import type { StoredLog } from './stored-log.ts';

/** One trace as the store holds it. What lists and filters ask for is kept up with each span. */
export class StoredTrace {
  readonly traceId: string;
  /** By span id, in the order of arrival. */
  readonly spans: Map<string, SpanRecord> = new Map();
  /** In the order of arrival. */
  readonly logs: StoredLog[] = [];
  /** How many spans each service has. */
  readonly services: Map<string, number> = new Map();
  readonly routes: Set<string> = new Set();
  readonly requestIds: Set<string> = new Set();
  /** Traces that spans of this one link to, itself included. */
  readonly linked: Set<string> = new Set();
  /** Estimated, of spans and log lines. */
  bytes = 0;
  /** A greater number with each change, also where the trace was let go and has come again. */
  revision = 0;
  /** The one that came last. */
  lastSpan: SpanRecord | undefined;
  errorCount = 0;
  startTimeUnixNano = 0n;
  endTimeUnixNano = 0n;
  /** The span without a parent; the first of several. */
  #root: SpanRecord | undefined;
  /** The span that started first. */
  #first: SpanRecord | undefined;

  constructor(traceId: string) {
    this.traceId = traceId;
  }

  /** @returns Whether it is kept: of several spans with one id the first stays. */
  addSpan(span: SpanRecord): boolean {
    if (this.spans.has(span.spanId)) return false;
    this.spans.set(span.spanId, span);
    this.lastSpan = span;
    const { startTimeUnixNano: start, endTimeUnixNano: end, attributes } = span;
    if (this.#first === undefined || start < this.startTimeUnixNano) {
      this.#first = span;
      this.startTimeUnixNano = start;
    }
    if (end > this.endTimeUnixNano) this.endTimeUnixNano = end;
    const isRoot = span.parentSpanId === undefined;
    if (isRoot && (this.#root === undefined || start < this.#root.startTimeUnixNano)) this.#root = span;
    if (span.status.code === SpanStatusCode.ERROR) this.errorCount += 1;
    this.services.set(span.serviceName, (this.services.get(span.serviceName) ?? 0) + 1);
    const route = attributes['http.route'];
    if (route !== undefined) this.routes.add(String(route));
    const requestId = attributes['request_id'];
    if (requestId !== undefined) this.requestIds.add(String(requestId));
    for (const link of span.links) this.linked.add(link.traceId);
    return true;
  }

  addLog(log: StoredLog): void {
    this.logs.push(log);
    const requestId = log.attributes['request_id'];
    if (typeof requestId === 'string' || typeof requestId === 'number')
      this.requestIds.add(String(requestId));
  }

  /** Whether the root has come. */
  get whole(): boolean {
    return this.#root !== undefined;
  }

  /** What the trace is named after: the root, or the earliest span where no root has come. */
  get head(): SpanRecord | undefined {
    return this.#root ?? this.#first;
  }

  get durationMs(): number {
    const nanos = this.endTimeUnixNano - this.startTimeUnixNano;
    return nanos > 0n ? Number(nanos) / 1e6 : 0;
  }

  /** Of the answer that `head` gave. */
  get httpStatus(): number | undefined {
    const attributes = this.head?.attributes;
    // The second is the name of before 2023, which SDKs still send.
    const status = Number(attributes?.['http.response.status_code'] ?? attributes?.['http.status_code']);
    return Number.isInteger(status) ? status : undefined;
  }

  summary(): TraceSummary {
    const { head, httpStatus } = this;
    const [requestId] = this.requestIds;
    return {
      traceId: this.traceId,
      name: head?.name ?? '',
      service: head?.serviceName ?? '',
      // A number of nanoseconds since 1970 would be rounded to 256 of them.
      startMs: Number(this.startTimeUnixNano / 1000n) / 1000,
      durationMs: this.durationMs,
      spanCount: this.spans.size,
      errorCount: this.errorCount,
      logCount: this.logs.length,
      services: this.#servicesByCount(),
      ...(httpStatus !== undefined && { httpStatus }),
      ...(requestId !== undefined && { requestId }),
      whole: this.whole,
      revision: this.revision,
    };
  }

  /** The one of the first span first, then by their spans. */
  #servicesByCount(): { name: string; spans: number }[] {
    const services = [...this.services].map(([name, spans]) => ({ name, spans }));
    if (services.length < 2) return services;
    const first = this.#first?.serviceName;
    const rank = ({ name, spans }: { name: string; spans: number }) => (name === first ? Infinity : spans);
    return services.toSorted((one, other) => rank(other) - rank(one));
  }
}
