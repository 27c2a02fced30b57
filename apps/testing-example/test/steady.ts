/** A text without what differs from run to run: ids, ports, times and their bars. */
export function steady(text: string): string {
  return text
    .replaceAll(/\b[\da-f]{32}\b/g, 'TRACE')
    .replaceAll(/\b[\da-f]{16}\b/g, 'SPAN')
    .replaceAll(/(127\.0\.0\.1|localhost):\d+/g, 'HOST:PORT')
    .replaceAll(/ +[\d.]+ (?:µs|ms|s)\b(?: +[╺━╸]+)?/g, ' TIME');
}
