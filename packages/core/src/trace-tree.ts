import type { SpanRecord } from './span-record.ts';

/**
 * What a tree shows of a span. Only the name is required: a tree that a test expects has no ids and no times,
 * one that was recorded has a whole {@link SpanRecord}.
 */
export interface TreeSpan extends Partial<Omit<SpanRecord, 'name'>> {
  readonly name: string;
}

export interface TraceTreeNode<S extends TreeSpan = TreeSpan> {
  readonly span: S;
  /** In the order in which they are drawn. */
  readonly children?: readonly TraceTreeNode<S>[];
  /**
   * Set on a root whose span does name a parent: `'absent'`, that span is not in the tree (it is in another
   * process, not ended, or lost); `'cycle'`, it is one of the span's own descendants.
   */
  readonly orphan?: 'absent' | 'cycle';
  /** Remarks to draw beneath the span, a line each. */
  readonly notes?: readonly string[];
}

/** One trace as a forest; a whole trace has one root. */
export interface TraceTree<S extends TreeSpan = TreeSpan> {
  /** 32 lower-case hex digits; absent on a tree that was written by hand. */
  readonly traceId?: string;
  readonly roots: readonly TraceTreeNode<S>[];
}

interface GrowingNode<S extends TreeSpan> extends TraceTreeNode<S> {
  readonly children: GrowingNode<S>[];
  orphan?: 'absent' | 'cycle';
}

/**
 * Builds the tree of one trace.
 *
 * Roots are the spans without a parent and those whose parent is absent (`orphan`); siblings and roots are
 * ordered by start time. Of several spans with one id the first stays. Spans that are each other's ancestors
 * hang below the one that started first.
 *
 * @param spans Spans in any order. Those of another trace than the first span's are left out.
 */
export function buildTraceTree(spans: readonly SpanRecord[]): TraceTree<SpanRecord> {
  const traceId = spans[0]?.traceId;
  if (traceId === undefined) return { roots: [] };

  const nodes = new Map<string, GrowingNode<SpanRecord>>();
  for (const span of spans.toSorted(byStart)) {
    if (span.traceId === traceId && !nodes.has(span.spanId)) nodes.set(span.spanId, { span, children: [] });
  }

  const roots: GrowingNode<SpanRecord>[] = [];
  for (const node of nodes.values()) {
    const { parentSpanId } = node.span;
    const parent = parentSpanId === undefined ? undefined : nodes.get(parentSpanId);
    if (parent) {
      parent.children.push(node);
    } else {
      if (parentSpanId !== undefined) node.orphan = 'absent';
      roots.push(node);
    }
  }
  return { traceId, roots: [...roots, ...openCycles(nodes, roots)].toSorted(byNodeStart) };
}

/** Cuts every cycle above its earliest span, so that no span is lost and no walk is endless. */
function openCycles(
  nodes: ReadonlyMap<string, GrowingNode<SpanRecord>>,
  roots: readonly GrowingNode<SpanRecord>[],
): GrowingNode<SpanRecord>[] {
  const reached = new Set<GrowingNode<SpanRecord>>();
  reach(roots, reached);
  const opened: GrowingNode<SpanRecord>[] = [];
  for (const node of nodes.values()) {
    if (reached.has(node)) continue;
    const first = firstOfCycle(node, nodes);
    first.orphan = 'cycle';
    const siblings = nodes.get(first.span.parentSpanId ?? '')?.children;
    siblings?.splice(siblings.indexOf(first), 1);
    opened.push(first);
    reach([first], reached);
  }
  return opened;
}

/** The earliest span of the cycle that a walk up from `node` ends in. */
function firstOfCycle(
  node: GrowingNode<SpanRecord>,
  nodes: ReadonlyMap<string, GrowingNode<SpanRecord>>,
): GrowingNode<SpanRecord> {
  const above = (each: GrowingNode<SpanRecord>) => nodes.get(each.span.parentSpanId ?? '') ?? each;
  const passed = new Set<GrowingNode<SpanRecord>>();
  let inCycle = node;
  while (!passed.has(inCycle)) {
    passed.add(inCycle);
    inCycle = above(inCycle);
  }
  let first = inCycle;
  for (let each = above(inCycle); each !== inCycle; each = above(each)) {
    if (byNodeStart(each, first) < 0) first = each;
  }
  return first;
}

function reach(from: readonly GrowingNode<SpanRecord>[], reached: Set<GrowingNode<SpanRecord>>): void {
  const waiting = [...from];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    reached.add(node);
    for (const child of node.children) waiting.push(child);
  }
}

function byNodeStart(a: TraceTreeNode<SpanRecord>, b: TraceTreeNode<SpanRecord>): number {
  return byStart(a.span, b.span);
}

function byStart(a: SpanRecord, b: SpanRecord): number {
  if (a.startTimeUnixNano === b.startTimeUnixNano) return 0;
  return a.startTimeUnixNano < b.startTimeUnixNano ? -1 : 1;
}
