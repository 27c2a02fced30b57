import type { Columns } from './columns.ts';

const CONSUMER = 4;

/** Stretches of time in which nothing but one span decided how long the trace took, from the first to the last. */
export interface CriticalPath {
  readonly span: Int32Array;
  readonly fromUs: Float64Array;
  readonly toUs: Float64Array;
  /** Of each span of the trace, how long it is on the path in microseconds. */
  readonly timeUs: Float64Array;
  /** The stretches of a span are those from `first[span]` on, linked by `next`; -1 ends. */
  readonly first: Int32Array;
  readonly next: Int32Array;
}

/**
 * The critical path of the trace's longest root: from its end backwards, always into the child that ended last before,
 * for it is what the parent waited for; where there is none, the parent itself is on the path. What a child does after
 * its parent's end made nobody wait.
 */
export function criticalPath(columns: Columns): CriticalPath {
  const stretches: Stretch[] = [];
  const root = longestRoot(columns);
  if (root >= 0) walk(columns, root, stretches);
  stretches.reverse();

  const timeUs = new Float64Array(columns.count);
  const first = new Int32Array(columns.count).fill(-1);
  const next = new Int32Array(stretches.length).fill(-1);
  for (let index = stretches.length - 1; index >= 0; index -= 1) {
    const { span, fromUs, toUs } = stretches[index] as Stretch;
    timeUs[span] = (timeUs[span] as number) + (toUs - fromUs);
    next[index] = first[span] as number;
    first[span] = index;
  }
  return {
    span: Int32Array.from(stretches, ({ span }) => span),
    fromUs: Float64Array.from(stretches, ({ fromUs }) => fromUs),
    toUs: Float64Array.from(stretches, ({ toUs }) => toUs),
    timeUs,
    first,
    next,
  };
}

function longestRoot({ parent, startUs, endUs, after }: Columns): number {
  let longest = -1;
  let length = -1;
  for (let index = 0; index < parent.length; index = after[index] as number) {
    const duration = (endUs[index] as number) - (startUs[index] as number);
    if (duration > length) [longest, length] = [index, duration];
  }
  return longest;
}

interface Stretch {
  readonly span: number;
  readonly fromUs: number;
  readonly toUs: number;
}

/** Pushes the stretches from the last to the first. A stack of our own: a chain may be deeper than the engine's. */
function walk(columns: Columns, root: number, stretches: Stretch[]): void {
  const { startUs, endUs } = columns;
  const byEnd = childrenByEnd(columns);
  const place = (span: number, floor: number, end: number): Place => ({
    span,
    floor,
    end,
    cursor: end,
    child: byEnd.to[span] as number,
  });
  const stack = [place(root, startUs[root] as number, endUs[root] as number)];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const child = nextChild(columns, byEnd, top);
    if (child < 0) {
      push(stretches, top.span, top.floor, top.cursor);
      stack.pop();
      const parent = stack.at(-1);
      if (parent !== undefined) parent.cursor = Math.min(parent.cursor, top.floor);
      continue;
    }
    const end = Math.min(endUs[child] as number, top.cursor);
    push(stretches, top.span, end, top.cursor);
    top.cursor = end;
    // A child that claims to have begun before its parent counts from the parent's start on.
    const floor = Math.max(startUs[child] as number, top.floor);
    stack.push(place(child, floor, end));
  }
}

/** What is left of a span: its children of `byEnd` below `child`, and its time from `floor` to `cursor`. */
interface Place {
  readonly span: number;
  readonly floor: number;
  readonly end: number;
  cursor: number;
  child: number;
}

/** The child that ended last up to the cursor, and has time above the floor; -1 where there is none. */
function nextChild({ startUs, endUs, kind }: Columns, byEnd: ChildrenByEnd, place: Place): number {
  while (place.child > (byEnd.from[place.span] as number)) {
    place.child -= 1;
    const child = byEnd.order[place.child] as number;
    const end = endUs[child] as number;
    const start = startUs[child] as number;
    // One that outlives the cursor ran beside what is on the path already. Where nothing is yet, a clock is ahead or the
    // parent answered first: it was waited for while the parent was there. Nobody waits for a consumer.
    const first = place.cursor === place.end && start < place.cursor && kind[child] !== CONSUMER;
    if ((end <= place.cursor || first) && Math.min(end, place.cursor) > Math.max(start, place.floor))
      return child;
  }
  return -1;
}

function push(stretches: Stretch[], span: number, fromUs: number, toUs: number): void {
  if (toUs > fromUs) stretches.push({ span, fromUs, toUs });
}

interface ChildrenByEnd {
  /** Spans by parent, those of one parent by their end. */
  readonly order: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
}

function childrenByEnd({ count, parent, children, endUs }: Columns): ChildrenByEnd {
  const from = new Int32Array(count);
  const to = new Int32Array(count);
  let place = 0;
  for (let index = 0; index < count; index += 1) {
    from[index] = place;
    to[index] = place;
    place += children[index] as number;
  }
  const order = new Int32Array(place);
  for (let index = 0; index < count; index += 1) {
    const above = parent[index] as number;
    if (above < 0) continue;
    order[to[above] as number] = index;
    to[above] = (to[above] as number) + 1;
  }
  for (let index = 0; index < count; index += 1) {
    if ((children[index] as number) < 2) continue;
    order.subarray(from[index], to[index]).sort((a, b) => (endUs[a] as number) - (endUs[b] as number));
  }
  return { order, from, to };
}
