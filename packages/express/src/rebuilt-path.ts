import type { Layer, PathMatcher } from './router-shape.ts';

/**
 * The path of a layer that was made before anybody kept paths, from what it matched and what it takes for
 * parameters. Every result is tried on the layer itself.
 *
 * @returns undefined where more than one path, or none, would do.
 */
export function rebuiltPath(layer: Layer, matched: string): string | undefined {
  try {
    return layer.regexp ? fromExpression(layer, layer.regexp, matched) : fromMatcher(layer, matched);
  } catch {
    // A probe that does not decode or compile.
    return undefined;
  }
}

/** Express 4: a path that compiles to the same expression is the path. */
function fromExpression(layer: Layer, expression: RegExp, matched: string): string | undefined {
  const groups = new RegExp(expression.source, `${expression.flags}d`).exec(matched)?.indices;
  if (groups === undefined) return undefined;
  let path = '';
  let end = 0;
  for (const [index, key] of (layer.keys ?? []).entries()) {
    const group = groups[index + 1];
    if (group === undefined) return undefined;
    path += `${matched.slice(end, group[0])}:${key.name}`;
    end = group[1];
  }
  path += matched.slice(end);
  const Compiler = layer.constructor as new (path: string, options: object, handle: Layer['handle']) => Layer;
  const options = { sensitive: !expression.ignoreCase, strict: false, end: false };
  return new Compiler(path, options, layer.handle).regexp?.source === expression.source ? path : undefined;
}

/** Router 2.0 to 2.2: a closed function, so each segment is replaced in turn to see what it is. */
function fromMatcher(layer: Layer, matched: string): string | undefined {
  const [matches, another] = layer.matchers ?? [];
  // path-to-regexp names its function so. What a RegExp of the application wants cannot be found out.
  if (matches?.name !== 'match' || another) return undefined;
  const whole = matches(matched);
  if (!whole || whole.path !== matched) return undefined;
  const segments = matched.split('/');
  if (segments.length > MOST_SEGMENTS) return undefined;
  const path = [''];
  let parameters = 0;
  for (let index = 1; index < segments.length; index++) {
    const name = parameterAt(matches, segments, index);
    if (name !== undefined) parameters++;
    else if (!isExact(matches, segments, index)) return undefined;
    path.push(name === undefined ? (segments[index] ?? '') : `:${name}`);
  }
  // Others fill part of a segment, more than one, or may be left out.
  if (parameters !== Object.keys(whole.params).length) return undefined;
  return hasOptionalPart(matches, segments) ? undefined : path.join('/');
}

/** Each is tried by itself, so that the time grows with the square of their number. */
const MOST_SEGMENTS = 100;

const PROBE = 'probe-4f1c9a';

function parameterAt(matches: PathMatcher, segments: readonly string[], index: number): string | undefined {
  const found = matches(segments.with(index, PROBE).join('/'));
  return found ? Object.keys(found.params).find((name) => found.params[name] === PROBE) : undefined;
}

/** Where case does not matter, the request's spelling of a segment is not the path's, unless it has one only. */
function isExact(matches: PathMatcher, segments: readonly string[], index: number): boolean {
  const lower = segments[index]?.toLowerCase() ?? '';
  return lower === segments[index] || !matches(segments.with(index, lower).join('/'));
}

function hasOptionalPart(matches: PathMatcher, segments: readonly string[]): boolean {
  return segments.some((_, index) => {
    const more = segments.toSpliced(index + 1, 0, PROBE).join('/');
    const less = segments.toSpliced(index, 1).join('/');
    return matchesWhole(matches, more) || (index > 0 && matchesWhole(matches, less));
  });
}

function matchesWhole(matches: PathMatcher, path: string): boolean {
  const found = matches(path);
  return found !== false && found.path === path;
}
