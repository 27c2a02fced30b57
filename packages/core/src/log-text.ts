/** A value as text, also where it has none: an object without prototype, a `toString` that throws. Never throws. */
export function safeText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return '[unprintable]';
  }
}
