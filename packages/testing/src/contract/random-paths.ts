/** Requests that nobody thought of: the routes of an application, filled with raw values and bent. */
export interface RandomPaths {
  readonly paths: readonly string[];
  /** Whether a text holds a raw value, in any case. */
  holdsRaw(text: string): boolean;
}

/**
 * Makes paths by chance, the same at every run.
 *
 * @param templates What the paths are made of: `/users/:id`, whose parameters and `*` become raw values.
 * @param count How many. Default: 60.
 */
export function randomPaths(templates: readonly string[], count = 60): RandomPaths {
  const next = generator(count);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  const raw = new Set<string>();

  function rawSegment(): string {
    const value = `raw${Math.floor(next() * 0xff_ff_ff).toString(36)}`;
    raw.add(value);
    const odd = [
      value.toUpperCase(),
      `${value}.json`,
      `${value}%2Fx`,
      `${value}%20x`,
      `${value}:x`,
      `a-${value}`,
    ];
    return next() < 0.5 ? value : pick(odd);
  }

  function path(): string {
    const segments = pick(templates)
      .slice(1)
      .split('/')
      .map((segment) => segment.replace(/\*|:\w+/g, rawSegment));
    const at = Math.floor(next() * segments.length);
    const bend = next();
    if (bend < 0.15) segments.splice(at, 1);
    else if (bend < 0.3) segments.splice(at, 0, rawSegment());
    else if (bend < 0.4) segments[at] = rawSegment();
    else if (bend < 0.5) segments[at] = `${segments[at]}/`;
    return `/${segments.join('/')}${pick(['', '', '', '/', `?q=${rawSegment()}`])}`;
  }

  return {
    paths: Array.from({ length: count }, path),
    holdsRaw: (text) => [...raw].some((value) => text.toLowerCase().includes(value)),
  };
}

/** Numbers from 0 to 1 that look like chance: mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
