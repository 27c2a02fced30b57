import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';

import { LineQueue } from './log-line-queue.ts';

/** Where lines go: `process.stderr`, or any other stream. */
export type LogStream = NodeJS.WritableStream;

/** Bytes that Linux writes to a pipe in one piece (PIPE_BUF), whatever other processes write to it. */
const PIPE_PIECE = 4096;

/**
 * A function that writes one line, with the line break that it adds, to `stream`. It never throws, and where its
 * own write fails (a reader that has gone, a stream that was closed) no `error` event ends the process, as one
 * would after `console.error`. Errors of the application's own writes stay as they are.
 *
 * A line goes to `process.stdout` and `process.stderr` by one write of its own, so that lines of other processes on the
 * same pipe stand before or after it.
 */
export function lineWriter(stream: LogStream = process.stderr): (line: string) => void {
  const write = isStandardPipe(stream) ? writeApart(stream) : writeInto(stream);
  return (line) => {
    try {
      write(`${line}\n`);
    } catch {
      // Some streams throw once they are closed.
    }
  };
}

/**
 * How long a line may be so that it stays in one piece: undefined where this process alone writes to `stream`, as far
 * as can be told. Processes of one cluster, and those of `fork`, inherit their pipe from one another.
 */
export function pieceAtMost(stream: LogStream = process.stderr): number | undefined {
  const isForked = process.connected && process.platform === 'linux';
  return isForked && isStandardPipe(stream) && fstatSync(stream.fd).isFIFO() ? PIPE_PIECE : undefined;
}

interface StandardPipe extends Socket {
  readonly fd: number;
}

function isStandardPipe(stream: LogStream): stream is StandardPipe {
  return (
    stream instanceof Socket &&
    'fd' in stream &&
    (stream.fd === 1 || stream.fd === 2) &&
    !('isTTY' in stream && stream.isTTY)
  );
}

function writeInto(stream: LogStream): (text: string) => void {
  const written = guardFrom(stream);
  return (text) => void stream.write(text, written);
}

/** A stream tells an error to this first, and emits it afterwards. */
function guardFrom(stream: LogStream): (error?: Error | null) => void {
  return (error) => {
    if (error && stream.listenerCount('error') === 0) stream.once('error', () => undefined);
  };
}

const writersOfPipes = new WeakMap<StandardPipe, (text: string) => void>();

/**
 * Where a reader is slow, a socket joins what waits for it in one large write, and the kernel may cut that one
 * anywhere. Here each line waits for the one before it instead.
 */
function writeApart(stream: StandardPipe): (text: string) => void {
  const known = writersOfPipes.get(stream);
  if (known) return known;
  const guard = guardFrom(stream);
  const waiting = new LineQueue();
  let underWay = 0;

  const send = (text: string): void => {
    underWay += 1;
    stream.write(text, settled);
  };
  const settled = (error?: Error | null): void => {
    underWay -= 1;
    guard(error);
    // A write that the kernel took at once has left the stream already: many lines go out in one go.
    while (stream.writableLength === 0) {
      const text = waiting.take();
      if (text === undefined) return;
      send(text);
    }
    // Somebody else's writes are in the way: this one ends after them.
    if (!waiting.isEmpty && underWay === 0) send('');
  };
  const write = (text: string): void => {
    if (waiting.isEmpty && stream.writableLength === 0) return send(text);
    waiting.push(text);
    if (underWay === 0) send('');
  };
  writersOfPipes.set(stream, write);
  return write;
}
