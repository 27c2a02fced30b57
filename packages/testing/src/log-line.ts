/** One line of JSON that a service wrote, as it was written. */
export type LogLine = Readonly<Record<string, unknown>>;

/** A line as the JSON object that it is; undefined where it is none. */
export function parsedLine(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return undefined;
  }
}
