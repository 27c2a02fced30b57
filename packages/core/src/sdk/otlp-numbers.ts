/** Bits of a span's or a link's flags beside those of W3C (opentelemetry/proto/trace/v1/trace.proto, SpanFlags). */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/** Flags of W3C, and whether a context came from another process. */
export function otlpFlags(traceFlags: number, isRemote: boolean | undefined): number {
  return (traceFlags & 0xff) | HAS_IS_REMOTE | (isRemote === true ? IS_REMOTE : 0);
}

/** Whether a number is written as `int_value`, which has 64 bits; any other is a double. */
export function isInt64(value: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63;
}
