/** What a server process says of itself while it has nothing to do, after a collection of garbage. */
export interface Measurement {
  /** Bytes. */
  readonly heapUsed: number;
  /** Bytes of buffers and the like, outside of the heap. */
  readonly external: number;
  /** Bytes. */
  readonly rss: number;
  /** Node's active resources by their type, and `timers`: all that wait, those too that do not hold the process. */
  readonly resources: Readonly<Record<string, number>>;
  /** Listeners of emitters that live as long as the process. */
  readonly listeners: Readonly<Record<string, number>>;
  /** Requests that have arrived, and those of them whose path is excluded. */
  readonly requests: number;
  readonly excluded: number;
  /** Recorded spans, of any kind. */
  readonly started: number;
  readonly ended: number;
  /** SERVER spans among those that started. */
  readonly serverSpans: number;
}

/** What the process of a server is asked for. */
export interface MeasureRequest {
  readonly measure: true;
  /** What it is to come back to, before it is measured. */
  readonly start: Measurement | undefined;
}

/** Whether both have the same counts. */
export function areEqual(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): boolean {
  return differences(one, other).length === 0;
}

/** Each count that differs, in words: `Timeout 0 → 3`. */
export function differences(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => (before[name] ?? 0) !== (after[name] ?? 0))
    .map((name) => `${name} ${before[name] ?? 0} → ${after[name] ?? 0}`);
}
