/** Cuts chunks of bytes into lines. */
export interface LineSplitter {
  /** @returns The lines that end in this chunk, each with its line end, and pieces of one that is over the bound. */
  take(chunk: Buffer): Piece[];
  /** What has come after the last line end. */
  rest(): Piece[];
}

export interface Piece {
  readonly bytes: Buffer;
  /** Whether it is a line from its begin to its end. */
  readonly whole: boolean;
}

const NEWLINE = 0x0a;

/** @param limitBytes Bytes of a line that are held; a longer one comes in pieces, as it arrives. */
export function lineSplitter(limitBytes: number): LineSplitter {
  let held: Buffer[] = [];
  let heldBytes = 0;
  /** Whether a part of the line under way was given already. */
  let inPieces = false;

  function release(whole: boolean): Piece[] {
    if (heldBytes === 0) return [];
    const piece = { bytes: Buffer.concat(held, heldBytes), whole: whole && !inPieces };
    held = [];
    heldBytes = 0;
    return [piece];
  }

  function hold(bytes: Buffer): void {
    if (bytes.length === 0) return;
    held.push(bytes);
    heldBytes += bytes.length;
  }

  return {
    take(chunk) {
      const pieces: Piece[] = [];
      let from = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
        hold(chunk.subarray(from, end + 1));
        pieces.push(...release(heldBytes <= limitBytes));
        inPieces = false;
        from = end + 1;
      }
      hold(chunk.subarray(from));
      if (heldBytes > limitBytes) {
        pieces.push(...release(false));
        inPieces = true;
      }
      return pieces;
    },
    rest: () => release(true),
  };
}
