import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

import { lineSplitter, type Piece } from './line-splitter.ts';
import { readLogLine } from './read-log-line.ts';
import type { StoredLog } from './stored-log.ts';
import type { TraceStore } from './trace-store.ts';

/** Longer lines are passed on and not read. */
const LINE_BYTES = 1024 * 1024;

/**
 * Reads what services write, line by line, until it ends: each line goes to `output` as it is, and into the store where
 * it is a log line of a trace. A reader of `output` that is slow slows it; one that has gone gets no more.
 */
export async function readLines(input: Readable, output: Writable, store: TraceStore): Promise<void> {
  const splitter = lineSplitter(LINE_BYTES);
  let hasReader = true;
  output.on('error', () => (hasReader = false));
  output.on('close', () => (hasReader = false));

  async function pass(pieces: readonly Piece[]): Promise<void> {
    if (pieces.length === 0) return;
    const now = Date.now();
    const logs = pieces.map(({ bytes, whole }) =>
      whole ? readLogLine(bytes.toString('utf8'), now) : undefined,
    );
    store.addLogs(logs.filter((log): log is StoredLog => log !== undefined));
    if (!hasReader || output.write(Buffer.concat(pieces.map(({ bytes }) => bytes)))) return;
    await Promise.race([once(output, 'drain'), once(output, 'close')]).catch(() => undefined);
  }

  for await (const chunk of input as AsyncIterable<Buffer>) await pass(splitter.take(chunk));
  await pass(splitter.rest());
}
