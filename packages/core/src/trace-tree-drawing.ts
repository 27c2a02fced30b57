import { type Detail, logDetail, type TreeLogLine } from './trace-tree-details.ts';
import { type Row, rowsOf } from './trace-tree-rows.ts';
import { GAP, layOut, nameText, type Sheet } from './trace-tree-sheet.ts';
import { cell, columns, fit, paint } from './trace-tree-text.ts';
import { durationText, offsetBar } from './trace-tree-time.ts';
import type { TraceTree, TraceTreeNode } from './trace-tree.ts';

/** Options of {@link drawTraceTree}. */
export interface DrawTraceTreeOptions {
  /** Columns that no line exceeds; 100 by default, 20 at least. */
  readonly width?: number;
  /** Colours by terminal escape codes; off by default. */
  readonly color?: boolean;
  /**
   * Log lines, in the order in which they were written. Those of this trace are drawn: beneath their span, or
   * at the end where the tree lacks it.
   */
  readonly logs?: readonly TreeLogLine[];
  /** Whether a line with trace id, counts and duration comes first; by default where the tree has an id. */
  readonly heading?: boolean;
  /** What the heading says besides: `continued`, `3 spans still open`. */
  readonly remarks?: readonly string[];
}

/**
 * Draws a trace: a line for each span (service, branch and name, kind, duration, and a bar that shows where in
 * the trace's time it lay), and beneath it its error, its links and its log lines.
 *
 * A column that the tree has nothing for is left out: a tree that was written by hand needs names only. Where
 * `width` is too small, bars go first, then kinds, services and durations; names and messages are cut, and
 * their control characters shown as escapes.
 *
 * @returns Lines joined by `\n`, without one at the end.
 * @example
 * drawTraceTree(buildTraceTree(spans), { width: 80 });
 * // trace 4bf92f3577b34da6a3ce929d0e0e4736 · 3 spans · 2 services · 48.2 ms
 * // dispatcher  POST /dispatch        SERVER  48.2 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━
 * // dispatcher  └─ POST               CLIENT  44.0 ms   ━━━━━━━━━━━━━━━━━━━━━━━━
 * // commander      └─ POST /command   SERVER  40.1 ms    ━━━━━━━━━━━━━━━━━━━━━━
 */
export function drawTraceTree(tree: TraceTree, options: DrawTraceTreeOptions = {}): string {
  return drawTraceTreeBlocks(tree, options)
    .flatMap(({ lines }) => lines)
    .join('\n');
}

/** The lines of one span: its own and those beneath it; without a node those before or after all spans. */
export interface TraceTreeBlock {
  readonly node?: TraceTreeNode;
  readonly lines: readonly string[];
}

/** What {@link drawTraceTree} draws, by span: for who sets two trees side by side, or shows a part of one. */
export function drawTraceTreeBlocks(tree: TraceTree, options: DrawTraceTreeOptions = {}): TraceTreeBlock[] {
  const width = Math.max(20, Math.floor(options.width ?? 100) || 100);
  const color = options.color ?? false;
  const logs = logsBySpan(tree, options.logs ?? []);
  const rows = rowsOf(tree, logs, width);
  const sheet = layOut(rows, width);
  const blocks: TraceTreeBlock[] = [];

  if (options.heading ?? tree.traceId !== undefined) {
    const parts = [...summary(tree, rows, sheet), ...(options.remarks ?? [])];
    blocks.push({ lines: headingLines(parts, width, color) });
  }
  const indent = sheet.service === 0 ? 0 : sheet.service + GAP;
  for (const row of rows) {
    const details = row.details.map(
      (detail) => ' '.repeat(indent) + detailLine(detail, row.detailBranch, width - indent, color),
    );
    blocks.push({ node: row.node, lines: [spanLine(row, sheet, color), ...details] });
  }
  if (blocks.length === 0) blocks.push({ lines: ['(no spans)'] });
  for (const row of rows) logs.delete(row.spanId);
  const elsewhere = [...logs.values()].flat();
  if (elsewhere.length > 0) {
    const heading = paint(fit('log lines of this trace from spans not seen here:', width), 'dim', color);
    blocks.push({
      lines: [heading, ...elsewhere.map((line) => detailLine(logDetail(line), '', width, color))],
    });
  }
  return blocks;
}

function logsBySpan(tree: TraceTree, logs: readonly TreeLogLine[]): Map<string, TreeLogLine[]> {
  const bySpan = new Map<string, TreeLogLine[]>();
  for (const line of logs) {
    if (tree.traceId !== undefined && line.traceId !== tree.traceId) continue;
    const others = bySpan.get(line.spanId);
    if (others) others.push(line);
    else bySpan.set(line.spanId, [line]);
  }
  return bySpan;
}

function summary(tree: TraceTree, rows: readonly Row[], sheet: Sheet): string[] {
  const parts = tree.traceId === undefined ? [] : [`trace ${tree.traceId}`];
  parts.push(counted(rows.length, 'span'));
  const services = new Set(rows.map((row) => row.service).filter((service) => service !== ''));
  if (services.size > 1) parts.push(counted(services.size, 'service'));
  if (sheet.whole) parts.push(durationText(sheet.whole));
  const errors = rows.filter((row) => row.failed).length;
  if (errors > 0) parts.push(counted(errors, 'error'));
  return parts;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The parts with dots between them, broken into lines where `width` asks for it. */
function headingLines(parts: readonly string[], width: number, color: boolean): string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of parts) {
    const longer = line === '' ? part : `${line} · ${part}`;
    if (line !== '' && columns(longer) > width) {
      lines.push(line);
      line = `  ${part}`;
    } else {
      line = longer;
    }
  }
  return [...lines, line].map((each) => paint(fit(each, width), 'bold', color));
}

function spanLine(row: Row, sheet: Sheet, color: boolean): string {
  const service = sheet.styles.get(row.service) ?? 'plain';
  const nameAtLeast = Math.min(NAME_BESIDE_BRANCH, columns(nameText(row, NAME_BESIDE_BRANCH)));
  const branch = shortened(row.branch, sheet.name - nameAtLeast);
  const room = sheet.name - branch.length;
  const name = cell(nameText(row, room), room, { style: row.failed ? 'red' : 'plain', color });
  const cells = [
    sheet.service > 0 && cell(row.service, sheet.service, { style: service, color }),
    paint(branch, 'dim', color) + name,
    sheet.kind > 0 && cell(row.kind, sheet.kind, { style: 'dim', color }),
    sheet.duration > 0 && cell(row.duration, sheet.duration, { align: 'right' }),
  ].filter((each) => each !== false);
  if (sheet.bar > 0 && row.range && sheet.whole) {
    const bar = offsetBar(row.range, sheet.whole, sheet.bar);
    cells.push(paint(bar, row.failed ? 'red' : service, color));
  }
  return cells.join(' '.repeat(GAP)).trimEnd();
}

function detailLine(detail: Detail, fullBranch: string, width: number, color: boolean): string {
  const branch = shortened(fullBranch, Math.floor(width / 2));
  const text = fit(`${detail.mark} ${detail.text}`, width - branch.length);
  return paint(branch, 'dim', color) + paint(text, detail.style, color);
}

/** Columns that a name keeps however deep it hangs. */
const NAME_BESIDE_BRANCH = 12;

/** A branch in at most `limit` columns: its end, which shows where the span hangs. */
function shortened(branch: string, limit: number): string {
  if (branch.length <= limit) return branch;
  return limit <= 0 ? '' : `…${branch.slice(branch.length - limit + 1)}`;
}
