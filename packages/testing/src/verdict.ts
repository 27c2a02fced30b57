/** What came of an assertion. */
export interface Verdict {
  readonly holds: boolean;
  /** What to say where the opposite was asserted: why it does not hold, or that it does. */
  message(): string;
}

/** A count and its noun: `1 span`, `2 spans`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
