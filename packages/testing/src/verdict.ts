/** What came of an assertion. */
export interface Verdict {
  readonly holds: boolean;
  /** What a failure says: why it does not hold. Where it does, and has a `.not`, that it does. */
  message(): string;
}

/** A count and its noun: `1 span`, `2 spans`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
