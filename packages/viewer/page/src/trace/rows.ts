import type { Columns } from './columns.ts';

/** The spans that are shown, from top to bottom: all but those below a collapsed one. */
export function visibleRows({ count, after }: Columns, collapsed: Uint8Array): Int32Array {
  const rows = new Int32Array(count);
  let length = 0;
  for (let index = 0; index < count;) {
    rows[length] = index;
    length += 1;
    index = collapsed[index] === 1 ? (after[index] as number) : index + 1;
  }
  return rows.slice(0, length);
}

/** The row of a span, or of the collapsed one that hides it; -1 where there are no rows. */
export function rowOf(rows: Int32Array, span: number): number {
  // Rows stand by their index, and what hides a span is the last row before it.
  let low = 0;
  let high = rows.length - 1;
  let found = -1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] as number) <= span) {
      found = middle;
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return found;
}

/** Everything below `level` collapsed: 1 leaves the roots, Infinity all. */
export function collapsedBelow({ count, level, children }: Columns, deepest: number): Uint8Array {
  const collapsed = new Uint8Array(count);
  for (let index = 0; index < count; index += 1) {
    if ((children[index] as number) > 0 && (level[index] as number) >= deepest) collapsed[index] = 1;
  }
  return collapsed;
}

/** The deepest level of which a span is shown. */
export function deepestShown({ level }: Columns, rows: Int32Array): number {
  let deepest = 0;
  for (const index of rows) deepest = Math.max(deepest, level[index] as number);
  return deepest;
}

/** A copy in which nothing hides `span`. */
export function revealed({ parent }: Columns, collapsed: Uint8Array, span: number): Uint8Array {
  const open = collapsed.slice();
  for (let above = parent[span] ?? -1; above >= 0; above = parent[above] as number) open[above] = 0;
  return open;
}

/** The collapsed spans of `before` in the columns of a later answer, found again by their ids. */
export function carriedOver(before: Columns, collapsed: Uint8Array, now: Columns): Uint8Array {
  const ids = new Set<string>();
  for (let index = 0; index < before.count; index += 1) {
    if (collapsed[index] === 1) ids.add(before.id[index] as string);
  }
  const carried = new Uint8Array(now.count);
  if (ids.size === 0) return carried;
  for (let index = 0; index < now.count; index += 1) {
    if ((now.children[index] as number) > 0 && ids.has(now.id[index] as string)) carried[index] = 1;
  }
  return carried;
}

/** The next index from `span` on, or back, for which `wanted` holds; it starts anew at the other end. -1 for none. */
export function nextSpan(
  count: number,
  span: number,
  step: 1 | -1,
  wanted: (index: number) => boolean,
): number {
  for (let tried = 1; tried <= count; tried += 1) {
    const index = (((span + step * tried) % count) + count) % count;
    if (wanted(index)) return index;
  }
  return -1;
}
