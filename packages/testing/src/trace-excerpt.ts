import {
  drawTraceTreeBlocks,
  type DrawTraceTreeOptions,
  type TraceTree,
  type TraceTreeNode,
} from '@org/tracing-core';

import { walk } from './tree-walk.ts';
import { counted } from './verdict.ts';

const ROWS_AT_MOST = 40;
const ROWS_AROUND = 2;

/** A span of a drawing, as far as it matters to what is left out. */
export interface ExcerptRow {
  /** Index of the row of its parent; undefined for a root. */
  readonly parent: number | undefined;
  /** Whether it is to be seen: the failure is about it. */
  readonly marked: boolean;
}

/** A row by its index, or how many are left out in its place. */
export type ExcerptPart = { readonly row: number } | { readonly leftOut: number };

/**
 * The rows of a drawing that are shown: all where they are few, else the marked ones with those around and above
 * them. Of very many marked ones the first are shown.
 */
export function excerpt(rows: readonly ExcerptRow[]): ExcerptPart[] {
  const kept = rows.length <= ROWS_AT_MOST ? undefined : keptRows(rows);
  const parts: ExcerptPart[] = [];
  let leftOut = 0;
  for (const row of rows.keys()) {
    if (kept && !kept.has(row)) {
      leftOut += 1;
      continue;
    }
    if (leftOut > 0) parts.push({ leftOut });
    leftOut = 0;
    parts.push({ row });
  }
  if (leftOut > 0) parts.push({ leftOut });
  return parts;
}

function keptRows(rows: readonly ExcerptRow[]): ReadonlySet<number> {
  // Nothing is marked where the failure is about the whole.
  if (!rows.some(({ marked }) => marked)) return new Set([...rows.keys()].slice(0, ROWS_AT_MOST));
  const kept = new Set<number>();
  for (const [index, { marked, parent }] of rows.entries()) {
    if (kept.size >= ROWS_AT_MOST) break;
    if (!marked) continue;
    const last = Math.min(rows.length - 1, index + ROWS_AROUND);
    for (let near = Math.max(0, index - ROWS_AROUND); near <= last; near += 1) kept.add(near);
    // Of a deep tree not every ancestor can be shown.
    for (let above = parent; above !== undefined && kept.size < ROWS_AT_MOST; above = rows[above]?.parent) {
      kept.add(above);
    }
  }
  return kept;
}

/** What stands in the place of rows that are left out. */
export function leftOutText(count: number): string {
  return `… ${counted(count, 'more span')}`;
}

/** Draws a tree; of a long one the spans with notes, and what is around and above them. */
export function drawExcerpt(tree: TraceTree, options: DrawTraceTreeOptions = {}): string {
  const blocks = drawTraceTreeBlocks(tree, options);
  const spans = blocks.filter(({ node }) => node !== undefined);
  const first = blocks.findIndex(({ node }) => node !== undefined);
  const shown = excerpt(treeRows(tree.roots)).map((part) =>
    'row' in part ? (spans[part.row]?.lines ?? []) : [leftOutText(part.leftOut)],
  );
  // Lines before and after all spans are not left out.
  const others = blocks.map(({ lines }) => lines);
  const around = first === -1 ? others : others.toSpliced(first, spans.length, ...shown);
  return around.flat().join('\n');
}

/** The rows of a tree from top to bottom; marked where there are notes. */
function treeRows(roots: readonly TraceTreeNode[]): ExcerptRow[] {
  const rows: ExcerptRow[] = [];
  const parents = new Map<TraceTreeNode, number>();
  for (const node of walk(roots)) {
    const { children = [], notes = [] } = node;
    const row = rows.push({ parent: parents.get(node), marked: notes.length > 0 }) - 1;
    for (const child of children) parents.set(child, row);
  }
  return rows;
}
