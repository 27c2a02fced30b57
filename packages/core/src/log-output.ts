/** Where lines go: `process.stderr`, or any other stream. */
export type LogStream = NodeJS.WritableStream;

/**
 * A function that writes one line, with the line break that it adds, to `stream`. It never throws, and where its
 * own write fails (a reader that has gone, a stream that was closed) no `error` event ends the process, as one
 * would after `console.error`. Errors of the application's own writes stay as they are.
 */
export function lineWriter(stream: LogStream = process.stderr): (line: string) => void {
  // A stream tells an error to this first, and emits it afterwards.
  const written = (error?: Error | null): void => {
    if (error && stream.listenerCount('error') === 0) stream.once('error', () => undefined);
  };
  return (line) => {
    try {
      stream.write(`${line}\n`, written);
    } catch {
      // Some streams throw once they are closed.
    }
  };
}
