import { Console } from 'node:console';

/** Where lines go: `process.stderr`, or any other stream. */
export type LogStream = NodeJS.WritableStream;

/**
 * A function that writes one line, with the line break that it adds, to `stream`. It never throws, and a stream
 * that is closed or broken (EPIPE) raises no `error` event: Node's console has that already, and one of our own
 * is out of reach of what patches the global one.
 */
export function lineWriter(stream: LogStream = process.stderr): (line: string) => void {
  const console = new Console(stream, stream);
  return (line) => console.log(line);
}
