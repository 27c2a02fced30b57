import type { Measurement, ScenarioResult } from './scenario.ts';

/** The value in the middle; of an even number of them, the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
}

/** What else a machine does can only add to a cost: below the middle of many short ones there is less of it. */
export function lowerQuartile(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 4)] ?? Number.NaN;
}

/** A measurement as it is shown. */
export interface Row {
  readonly measurement: Measurement;
  /** Median of all that was measured. */
  readonly total: number;
  /** The same beyond the untraced application, where the scenario compares so. */
  readonly beyond: number | undefined;
  readonly lowest: number;
  readonly highest: number;
  /** `beyond`, or `total` where nothing is beyond, as a part of what stock shows. */
  readonly toStock: number | undefined;
}

/** The measurements of a scenario with what is said of them. */
export function rowsOf({ beyondUntraced, measurements }: ScenarioResult): Row[] {
  const base = beyondUntraced ? middleOf(measurements, 'untraced') : undefined;
  const less = base ?? 0;
  const stock = middleOf(measurements, 'stock');
  return measurements.map((measurement) => {
    const total = median(measurement.values);
    const isBase = measurement.setup === 'untraced' && base !== undefined;
    return {
      measurement,
      total,
      beyond: base === undefined || isBase ? undefined : total - base,
      lowest: Math.min(...measurement.values) - (isBase ? 0 : less),
      highest: Math.max(...measurement.values) - (isBase ? 0 : less),
      toStock: stock === undefined || isBase ? undefined : (total - less) / (stock - less),
    };
  });
}

function middleOf(measurements: readonly Measurement[], setup: string): number | undefined {
  const found = measurements.find((each) => each.setup === setup);
  return found && median(found.values);
}
