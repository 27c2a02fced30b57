import type { TraceDetail } from '../../../src/api.ts';

/** The spans of a trace, a list for each thing that is known of them; one span stands at one index of all. */
export interface Columns {
  readonly count: number;
  readonly id: readonly string[];
  readonly parent: Int32Array;
  /** 1 for a root. */
  readonly level: Int32Array;
  /** The index behind the last descendant. */
  readonly after: Int32Array;
  /** How many children it has. */
  readonly children: Int32Array;
  /** Which child of its parent it is, from 1; among the roots for a root. */
  readonly position: Int32Array;
  readonly service: Int32Array;
  readonly name: Int32Array;
  readonly kind: Uint8Array;
  readonly startUs: Float64Array;
  readonly endUs: Float64Array;
  readonly status: Uint8Array;
  readonly logs: Int32Array;
  readonly links: Int32Array;
  readonly orphan: Uint8Array;
  readonly services: readonly string[];
  readonly names: readonly string[];
  readonly roots: number;
  /** From the earliest start to the latest end. */
  readonly fromUs: number;
  readonly toUs: number;
}

/** The columns of a trace: those of the answer, and what follows from the order in which its spans stand. */
export function columnsOf({ spans, services, names }: TraceDetail): Columns {
  const count = spans.id.length;
  const parent = Int32Array.from(spans.parent);
  const startUs = Float64Array.from(spans.startUs);
  const endUs = Float64Array.from(spans.durationUs, (duration, index) => (startUs[index] ?? 0) + duration);
  const level = new Int32Array(count);
  const after = Int32Array.from({ length: count }, (_, index) => index + 1);
  const children = new Int32Array(count);
  const position = new Int32Array(count);
  let roots = 0;
  let fromUs = Infinity;
  let toUs = -Infinity;
  for (let index = 0; index < count; index += 1) {
    const above = parent[index] as number;
    level[index] = above < 0 ? 1 : (level[above] as number) + 1;
    position[index] = above < 0 ? (roots += 1) : (children[above] = (children[above] as number) + 1);
    fromUs = Math.min(fromUs, startUs[index] as number);
    toUs = Math.max(toUs, endUs[index] as number);
  }
  // From the last: what lies behind a span's last child lies behind the span.
  for (let index = count - 1; index >= 0; index -= 1) {
    const above = parent[index] as number;
    if (above >= 0) after[above] = Math.max(after[above] as number, after[index] as number);
  }
  return {
    count,
    id: spans.id,
    parent,
    level,
    after,
    children,
    position,
    service: Int32Array.from(spans.service),
    name: Int32Array.from(spans.name),
    kind: Uint8Array.from(spans.kind),
    startUs,
    endUs,
    status: Uint8Array.from(spans.status),
    logs: Int32Array.from(spans.logs),
    links: Int32Array.from(spans.links),
    orphan: Uint8Array.from(spans.orphan),
    services,
    names,
    roots,
    fromUs: count === 0 ? 0 : fromUs,
    toUs: count === 0 ? 0 : toUs,
  };
}

/** The name of a span. */
export function nameOf(columns: Columns, index: number): string {
  return columns.names[columns.name[index] ?? -1] ?? '';
}

/** The service of a span. */
export function serviceOf(columns: Columns, index: number): string {
  return columns.services[columns.service[index] ?? -1] ?? '';
}

/** How long a span took, in microseconds. */
export function durationOf(columns: Columns, index: number): number {
  return (columns.endUs[index] ?? 0) - (columns.startUs[index] ?? 0);
}

/** Whether a span has the status ERROR. */
export function failed(columns: Columns, index: number): boolean {
  return columns.status[index] === 2;
}
