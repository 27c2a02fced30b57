import type { ScenarioResult } from './scenario.ts';
import { type Row, rowsOf } from './statistics.ts';
import { table } from './table.ts';

/** A scenario as a table in Markdown. */
export function resultTable(result: ScenarioResult): string {
  const rows = rowsOf(result);
  const { unit, beyondUntraced } = result;
  const hasSpans = rows.some(({ measurement }) => measurement.spansPerRequest !== undefined);
  const hasRatio = rows.some(({ toStock }) => toStock !== undefined);
  const columns = [
    ['set-up', 'left'],
    [beyondUntraced ? `beyond untraced, ${unit}` : unit, 'right'],
    ['lowest to highest', 'right'],
    ...(beyondUntraced ? [[`in all, ${unit}`, 'right'] as const] : []),
    ...(hasRatio ? [['to stock', 'right'] as const] : []),
    ...(hasSpans ? [['spans', 'right'] as const] : []),
    ['note', 'left'],
  ] as const;
  return table(
    columns,
    rows.map((row) => [
      row.measurement.setup,
      beyondUntraced ? figure(row.beyond, unit) : figure(row.total, unit),
      `${figure(row.lowest, unit)} to ${figure(row.highest, unit)}`,
      ...(beyondUntraced ? [figure(row.total, unit)] : []),
      ...(hasRatio ? [row.toStock === undefined ? '' : row.toStock.toFixed(2)] : []),
      ...(hasSpans ? [spans(row)] : []),
      row.measurement.note ?? '',
    ]),
  );
}

function spans({ measurement: { spansPerRequest } }: Row): string {
  if (spansPerRequest === undefined) return '';
  return Number.isInteger(spansPerRequest) ? String(spansPerRequest) : spansPerRequest.toFixed(2);
}

/** Three digits that mean something, more where the number has them before its point; whole packages. */
export function figure(value: number | undefined, unit: ScenarioResult['unit']): string {
  if (value === undefined) return '';
  if (unit === 'packages') return value.toFixed(0);
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
