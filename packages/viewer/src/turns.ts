/** How long work goes on, in milliseconds, before others have their turn: services send spans meanwhile. */
export const TURN_MS = 10;

/** Pieces of work between two looks at the clock. */
const PIECES_PER_LOOK = 64;

/**
 * Asked after each small piece of long work, gives whoever else waits for the event loop a turn when the work has gone on for too
 * long.
 *
 * @param millis How long that is.
 * @returns A function whose result is to be awaited, where it has one.
 */
export function turns(millis: number): () => Promise<void> | undefined {
  let pieces = 0;
  let began = performance.now();
  return () => {
    pieces += 1;
    if (pieces % PIECES_PER_LOOK !== 0 || performance.now() - began < millis) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        began = performance.now();
        resolve();
      });
    });
  };
}
