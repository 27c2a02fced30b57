import { rebuiltPath } from './rebuilt-path.ts';
import type { Layer, RouterPath } from './router-shape.ts';

const LAYER_PATH: unique symbol = Symbol.for('@org/tracing.express.layer-path');

type PathLayer = Layer & { [LAYER_PATH]?: string };

/** Keeps the path that a layer was made for; from router 2.3 on the layer does that itself. */
export function keepPath(layer: Layer, path: RouterPath): void {
  (layer as PathLayer)[LAYER_PATH] = pathText(path);
}

/**
 * The path that a layer was made for, empty where it matches everything.
 *
 * @param matched What it matched of the request's path.
 * @returns undefined where it cannot be told.
 */
export function layerPath(layer: PathLayer, matched: string): string | undefined {
  const given = layer.route?.path ?? layer.rawPath;
  if (given !== undefined) return pathText(given);
  const kept = layer[LAYER_PATH];
  if (kept !== undefined) return kept;
  if (layer.slash || layer.regexp?.fast_slash) return '';
  const rebuilt = rebuiltPath(layer, matched);
  if (rebuilt !== undefined) layer[LAYER_PATH] = rebuilt;
  return rebuilt;
}

/** A path in one piece: an array has one name for all of its members. */
export function pathText(path: RouterPath): string {
  if (typeof path === 'string') return path.includes('//') ? path.replaceAll(/\/{2,}/g, '/') : path;
  if (Array.isArray(path)) return path.map(pathText).join(',');
  return String(path);
}

/** Two paths, one mounted below the other. */
export function joinPaths(mount: string, path: string): string {
  if (path === '' || path === '/') return mount === '/' ? '' : mount;
  if (mount === '' || mount === '/') return path;
  const prefix = mount.endsWith('/') ? mount.slice(0, -1) : mount;
  return path.startsWith('/') ? prefix + path : `${prefix}/${path}`;
}
