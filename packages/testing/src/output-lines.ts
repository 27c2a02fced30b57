import type { Readable } from 'node:stream';

/** The output of a process as it comes. */
export interface Output {
  /** Everything so far. */
  readonly text: string;
  /** Takes what was written without an end of line as a line. */
  end(): void;
}

/** Reads a stream as text, and hands on each line without its end. */
export function readOutput(stream: Readable, takeLine: (line: string) => void): Output {
  let text = '';
  let begun = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    const lines = (begun + chunk).split('\n');
    begun = lines.pop() ?? '';
    for (const line of lines) takeLine(line.replace(/\r$/, ''));
  });
  return {
    get text() {
      return text;
    },
    end() {
      const rest = begun;
      begun = '';
      if (rest !== '') takeLine(rest);
    },
  };
}
