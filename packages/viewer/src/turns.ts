/** Spans between two looks at the clock. */
const SPANS_PER_LOOK = 64;

/**
 * Asked after each span of long work, gives whoever else waits for the event loop a turn when the work has gone on for too
 * long.
 *
 * @param millis How long that is.
 * @returns A function whose result is to be awaited, where it has one.
 */
export function turns(millis: number): () => Promise<void> | undefined {
  let spans = 0;
  let began = performance.now();
  return () => {
    spans += 1;
    if (spans % SPANS_PER_LOOK !== 0 || performance.now() - began < millis) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        began = performance.now();
        resolve();
      });
    });
  };
}
