// Numbers, times and texts as the page shows them.

const COUNT = new Intl.NumberFormat('en');

/** `1,204`. */
export function countText(count: number): string {
  return COUNT.format(count);
}

/** `1 span`, `1,204 spans`. */
export function plural(count: number, one: string, many: string = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/** Three significant digits and a unit, as the terminal's tree has them: `812 µs`, `4.23 ms`, `48.2 s`, `2m 05s`. */
export function durationText(us: number): string {
  if (us < 0) return `−${durationText(-us)}`;
  if (us === 0) return '0 ms';
  if (us < 0.9995) return `${Math.round(us * 1000)} ns`;
  if (us < 999.5) return `${threeDigits(us)} µs`;
  if (us < 999_500) return `${threeDigits(us / 1e3)} ms`;
  const seconds = Math.round(us / 1e6);
  if (seconds < 60) return `${threeDigits(us / 1e6)} s`;
  if (seconds < 3600) return twoUnits(seconds, 60, 'm', 's');
  return twoUnits(Math.round(seconds / 60), 60, 'h', 'm');
}

function threeDigits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value.toFixed(value >= 9.995 ? 1 : 2);
}

function twoUnits(value: number, base: number, large: string, small: string): string {
  return `${Math.floor(value / base)}${large} ${String(value % base).padStart(2, '0')}${small}`;
}

/** `+4.23 ms`: a time from another one on. */
export function offsetText(us: number): string {
  return us < 0 ? durationText(us) : `+${durationText(us)}`;
}

/** `14:03:22.123`, in the reader's time zone. */
export function clockText(ms: number): string {
  const date = new Date(ms);
  const part = (value: number, digits = 2): string => String(value).padStart(digits, '0');
  const clock = `${part(date.getHours())}:${part(date.getMinutes())}:${part(date.getSeconds())}`;
  return `${clock}.${part(date.getMilliseconds(), 3)}`;
}

/** `2026-11-25`, in the reader's time zone. */
export function dayText(ms: number): string {
  const date = new Date(ms);
  const part = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${part(date.getMonth() + 1)}-${part(date.getDate())}`;
}

/** The time with nanoseconds, in UTC: `2026-11-25T14:03:22.123456789Z`. */
export function isoNanoText(unixNano: string): string {
  const nanos = BigInt(unixNano);
  const whole = new Date(Number(nanos / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${whole}.${String(nanos % 1_000_000_000n).padStart(9, '0')}Z`;
}

/** Microseconds from one time to another, both nanoseconds since the epoch as text. */
export function microsBetween(fromUnixNano: string, toUnixNano: string): number {
  return Number(BigInt(toUnixNano) - BigInt(fromUnixNano)) / 1000;
}

/** `812 B`, `18.2 MiB`: in the unit of the server's limits. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value.toFixed(0) : threeDigits(value)} ${units[unit] ?? ''}`;
}

/** `0 %`, `0.42 %`, `12 %`: of a part between 0 and 1. */
export function percentText(part: number): string {
  const percent = part * 100;
  if (percent === 0) return '0 %';
  if (percent < 0.01) return '<0.01 %';
  return `${percent >= 10 ? percent.toFixed(0) : Number(percent.toPrecision(2))} %`;
}

/** Calls a second: `0.25/s`, `1,200/s`; calls a minute where they are few: `3.0/min`. */
export function rateText(perSecond: number): string {
  if (perSecond >= 99.95) return `${countText(Math.round(perSecond))}/s`;
  if (perSecond >= 0.1) return `${Number(perSecond.toPrecision(2))}/s`;
  return `${Number((perSecond * 60).toPrecision(2))}/min`;
}

/** At most `length` characters, the last an ellipsis where some are missing. No half of a surrogate pair is left. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = length - 1;
  const code = text.charCodeAt(end - 1);
  return `${text.slice(0, code >= 0xd800 && code <= 0xdbff ? end - 1 : end)}…`;
}

const KINDS = ['INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];

/** A span's kind as OpenTelemetry names it. */
export function kindText(kind: number): string {
  return KINDS[kind] ?? `KIND ${kind}`;
}
