import type { Row } from './trace-tree-rows.ts';
import { columns, fit, type TextStyle } from './trace-tree-text.ts';
import { cover, type TimeRange } from './trace-tree-time.ts';

/** Widths of the drawing's columns; 0 where one is left out. */
export interface Sheet {
  readonly service: number;
  readonly name: number;
  readonly kind: number;
  readonly duration: number;
  readonly bar: number;
  /** From the first start to the last end; undefined where the tree has no times. */
  readonly whole: TimeRange | undefined;
  /** A colour for each service. */
  readonly styles: ReadonlyMap<string, TextStyle>;
}

/** Columns between columns. */
export const GAP = 2;

const NAME_AT_LEAST = 16;
const SERVICE_AT_MOST = 20;
const BAR_AT_LEAST = 10;
const BAR_AT_MOST = 40;
const PALETTE = ['cyan', 'magenta', 'blue', 'green', 'yellow'] as const;

/** Shares `width` among the columns: names first, then bars; what finds no room is left out. */
export function layOut(rows: readonly Row[], width: number): Sheet {
  let whole: TimeRange | undefined;
  let [service, kind, duration, nameWanted] = [0, 0, 0, 0];
  const styles = new Map<string, TextStyle>();
  for (const row of rows) {
    service = Math.max(service, columns(fit(row.service, SERVICE_AT_MOST)));
    kind = Math.max(kind, row.kind.length);
    nameWanted = Math.max(nameWanted, columns(nameText(row, width)) + row.branch.length);
    duration = Math.max(duration, row.duration.length);
    if (row.range) whole = cover(whole, row.range);
    if (!styles.has(row.service)) styles.set(row.service, PALETTE[styles.size % PALETTE.length] ?? 'plain');
  }

  const taken = (...widths: number[]) => widths.reduce((sum, each) => sum + (each && each + GAP), 0);
  const nameNeeded = Math.min(nameWanted, NAME_AT_LEAST);
  let bar = whole ? BAR_AT_LEAST : 0;
  if (width - taken(service, kind, duration, bar) < nameNeeded) bar = 0;
  if (width - taken(service, kind, duration) < nameNeeded) kind = 0;
  if (width - taken(service, duration) < nameNeeded) service = 0;
  if (width - taken(duration) < nameNeeded) duration = 0;

  const room = width - taken(service, kind, duration, bar);
  const name = Math.min(nameWanted, room);
  if (bar > 0) bar = Math.min(BAR_AT_MOST, bar + room - name);
  return { service, name, kind, duration, bar, whole, styles };
}

/** A row's name with its error mark, in at most `width` columns. */
export function nameText(row: Row, width: number): string {
  return fit(row.failed ? `✗ ${row.name}` : row.name, width);
}
