import type { SpanRecord, SpanRecordLink } from '@org/tracing-core';

/** A link, seen from the span that it points to. */
export interface LinkFrom {
  readonly span: SpanRecord;
  readonly link: SpanRecordLink;
}

/** Links by the trace that they point to, which is often not there yet, or no more. */
export class LinkIndex {
  /** By the trace pointed to, then by the trace that the link is in. */
  readonly #from = new Map<string, Map<string, LinkFrom[]>>();

  add(span: SpanRecord): void {
    for (const link of span.links) {
      let byTrace = this.#from.get(link.traceId);
      if (!byTrace) this.#from.set(link.traceId, (byTrace = new Map()));
      const links = byTrace.get(span.traceId);
      if (links) links.push({ span, link });
      else byTrace.set(span.traceId, [{ span, link }]);
    }
  }

  /** Forgets the links that are in a trace. @param linked The traces that they point to. */
  remove(traceId: string, linked: Iterable<string>): void {
    for (const target of linked) {
      const byTrace = this.#from.get(target);
      byTrace?.delete(traceId);
      if (byTrace?.size === 0) this.#from.delete(target);
    }
  }

  /** Ids of the traces that link to this one. */
  tracesTo(traceId: string): Iterable<string> {
    return this.#from.get(traceId)?.keys() ?? [];
  }

  /** Links to any span of a trace. */
  toTrace(traceId: string): LinkFrom[] {
    return [...(this.#from.get(traceId)?.values() ?? [])].flat();
  }

  /** Links to one span. */
  to(traceId: string, spanId: string): LinkFrom[] {
    return this.toTrace(traceId).filter(({ link }) => link.spanId === spanId);
  }
}
