/** The stretch of a trace's time that is shown; microseconds from its start. */
export interface TimeWindow {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Nothing shorter is shown: bars would be all that there is. */
const LEAST_US = 1;

/** `part` within `whole`, moved rather than cut where it can be, and never too short to see. */
export function within(whole: TimeWindow, part: TimeWindow): TimeWindow {
  const length = Math.min(
    whole.toUs - whole.fromUs,
    Math.max(part.toUs - part.fromUs, Math.min(LEAST_US, whole.toUs - whole.fromUs)),
  );
  const fromUs = Math.min(Math.max(part.fromUs, whole.fromUs), whole.toUs - length);
  return { fromUs, toUs: fromUs + length };
}

/** Nearer (`factor` below 1) or farther around a time, which stays where it is. */
export function zoomed(whole: TimeWindow, shown: TimeWindow, factor: number, aroundUs: number): TimeWindow {
  const around = Math.min(Math.max(aroundUs, shown.fromUs), shown.toUs);
  return within(whole, {
    fromUs: around - (around - shown.fromUs) * factor,
    toUs: around + (shown.toUs - around) * factor,
  });
}

/** Moved by a part of what is shown: 0.25 is a quarter to the right. */
export function moved(whole: TimeWindow, shown: TimeWindow, part: number): TimeWindow {
  const by = (shown.toUs - shown.fromUs) * part;
  return within(whole, { fromUs: shown.fromUs + by, toUs: shown.toUs + by });
}

/** Where a time lies in the window: 0 at its start, 1 at its end, less and more outside. */
export function placeOf({ fromUs, toUs }: TimeWindow, us: number): number {
  return toUs > fromUs ? (us - fromUs) / (toUs - fromUs) : 0;
}

/** The time at a place of the window. */
export function timeAt({ fromUs, toUs }: TimeWindow, place: number): number {
  return fromUs + (toUs - fromUs) * place;
}

/** Where a bar is drawn, in parts of the window; what is far outside is cut, and nothing is drawn of what is outside. */
export interface Bar {
  readonly left: number;
  readonly width: number;
  /** Where a label has room: after the bar, before it, or on it. */
  readonly label: 'after' | 'before' | 'on';
}

/** The bar of a stretch of time; undefined where none of it is shown. */
export function barOf(shown: TimeWindow, fromUs: number, toUs: number): Bar | undefined {
  const from = placeOf(shown, fromUs);
  const to = placeOf(shown, toUs);
  if (to < 0 || from > 1) return undefined;
  const left = Math.max(from, 0);
  const right = Math.min(to, 1);
  const room = 0.2;
  return { left, width: right - left, label: 1 - right >= room ? 'after' : left >= room ? 'before' : 'on' };
}

/** Round times within the window, about `wanted` of them: 1, 2 or 5 of a power of ten apart. */
export function ticks({ fromUs, toUs }: TimeWindow, wanted: number): number[] {
  const length = toUs - fromUs;
  if (!(length > 0) || wanted < 1) return [fromUs];
  const rough = length / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
  const first = Math.ceil(fromUs / step - 1e-9);
  const last = Math.floor(toUs / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

/** A tick in the unit of the step between ticks, so that all have the same: `1.25 ms`, `1.30 ms`. */
export function tickText(us: number, stepUs: number): string {
  const [unit, size] = stepUs >= 1e6 ? ['s', 1e6] : stepUs >= 100 ? ['ms', 1e3] : ['µs', 1];
  const decimals = Math.max(0, Math.ceil(-Math.log10(stepUs / Number(size)) - 1e-9));
  return `${(us / Number(size)).toFixed(Math.min(decimals, 6))} ${unit}`;
}
