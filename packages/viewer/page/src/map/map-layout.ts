import type { ServiceMap } from '../../../src/api.ts';

/** A node with its place; the middle of its box. */
export interface PlacedNode {
  readonly service: string;
  readonly x: number;
  readonly y: number;
}

/** An edge as a path of SVG, and where its label goes. */
export interface PlacedEdge {
  readonly from: string;
  readonly to: string;
  readonly path: string;
  readonly x: number;
  readonly y: number;
  /** Whether it leads back to an earlier layer, or to where it begins. */
  readonly back: boolean;
}

export interface MapLayout {
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
  readonly width: number;
  readonly height: number;
}

export const NODE_WIDTH = 176;
export const NODE_HEIGHT = 58;
/** The room of an edge's label. */
export const LABEL_WIDTH = 128;
export const LABEL_HEIGHT = 50;
const GAP_X = 150;
const GAP_Y = 76;
const MARGIN = 28;

/** Callers on the left, callees on the right, in layers; edges that close a cycle lead back below. */
export function layOutMap({ nodes, edges }: Pick<ServiceMap, 'nodes' | 'edges'>): MapLayout {
  const names = nodes.map(({ service }) => service);
  const numbers = new Map(names.map((name, number) => [name, number]));
  const known = edges.filter(({ from, to }) => numbers.has(from) && numbers.has(to));
  const pairs = known.map(({ from, to }) => [numbers.get(from) ?? 0, numbers.get(to) ?? 0] as const);
  const forward = withoutCycles(names.length, pairs);
  const layers = ordered(layersOf(names.length, forward), forward);

  const tallest = Math.max(0, ...layers.map((layer) => layer.length));
  const column = NODE_WIDTH + GAP_X;
  const line = NODE_HEIGHT + GAP_Y;
  const height = MARGIN * 2 + Math.max(0, tallest * line - GAP_Y);
  const places: { x: number; y: number }[] = [];
  for (const [depth, layer] of layers.entries()) {
    const top = (height - (layer.length * line - GAP_Y)) / 2;
    for (const [index, node] of layer.entries()) {
      places[node] = { x: MARGIN + depth * column + NODE_WIDTH / 2, y: top + index * line + NODE_HEIGHT / 2 };
    }
  }
  const placed = known.map(({ from, to }, index) => {
    const [a, b] = pairs[index] as readonly [number, number];
    return { from, to, ...curve(places[a] as Point, places[b] as Point, height) };
  });
  const labelled = apart(placed);
  const lowest = Math.max(0, ...labelled.map(({ y }) => y + LABEL_HEIGHT));
  return {
    nodes: names.map((service, number) => ({ service, ...(places[number] as Point) })),
    edges: labelled,
    width: MARGIN * 2 + Math.max(0, layers.length * column - GAP_X),
    height: Math.max(height, lowest),
  };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

type Pair = readonly [from: number, to: number];

/** The edges without those that lead back to a node on the way to them, nor to themselves. */
function withoutCycles(count: number, pairs: readonly Pair[]): Pair[] {
  const out = adjacency(count, pairs);
  const incoming = new Int32Array(count);
  for (const [from, to] of pairs) if (from !== to) incoming[to] = (incoming[to] ?? 0) + 1;
  // 0 not seen, 1 on the way, 2 done.
  const state = new Uint8Array(count);
  const kept: Pair[] = [];
  // Those that nobody calls first: a cycle is cut where a request does not come in.
  const starts = Array.from({ length: count }, (_, node) => node).toSorted(
    (a, b) => (incoming[a] ?? 0) - (incoming[b] ?? 0),
  );
  for (const start of starts) {
    if (state[start] !== 0) continue;
    state[start] = 1;
    const stack = [{ node: start, next: 0 }];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const to = out[top.node]?.[top.next];
      top.next += 1;
      if (to === undefined) {
        state[top.node] = 2;
        stack.pop();
      } else if (state[to] !== 1) {
        kept.push([top.node, to]);
        if (state[to] === 0) {
          state[to] = 1;
          stack.push({ node: to, next: 0 });
        }
      }
    }
  }
  return kept;
}

function adjacency(count: number, pairs: readonly Pair[]): number[][] {
  const out = Array.from({ length: count }, (): number[] => []);
  for (const [from, to] of pairs) out[from]?.push(to);
  return out;
}

/** The layers: each node behind all that call it. */
function layersOf(count: number, forward: readonly Pair[]): number[][] {
  const out = adjacency(count, forward);
  const waiting = new Int32Array(count);
  for (const [, to] of forward) waiting[to] = (waiting[to] ?? 0) + 1;
  const depth = new Int32Array(count);
  const ready = [...waiting.keys()].filter((node) => waiting[node] === 0);
  for (const node of ready) {
    for (const to of out[node] ?? []) {
      depth[to] = Math.max(depth[to] ?? 0, (depth[node] ?? 0) + 1);
      waiting[to] = (waiting[to] ?? 0) - 1;
      if (waiting[to] === 0) ready.push(to);
    }
  }
  const layers: number[][] = [];
  for (const [node, layer] of depth.entries()) (layers[layer] ??= []).push(node);
  return layers;
}

/** Each layer in the order of the middle of what calls it, then of what it calls: fewer edges cross. */
function ordered(layers: number[][], forward: readonly Pair[]): number[][] {
  const callers = new Map<number, number[]>();
  const callees = new Map<number, number[]>();
  for (const [from, to] of forward) {
    callers.set(to, [...(callers.get(to) ?? []), from]);
    callees.set(from, [...(callees.get(from) ?? []), to]);
  }
  const place = new Map<number, number>();
  const settle = (layer: readonly number[]): void => {
    for (const [index, node] of layer.entries()) place.set(node, index - (layer.length - 1) / 2);
  };
  const sortBy = (layer: number[], beside: Map<number, number[]>): number[] => {
    const middle = (node: number): number => {
      const near = beside.get(node) ?? [];
      if (near.length === 0) return place.get(node) ?? 0;
      return near.reduce((sum, other) => sum + (place.get(other) ?? 0), 0) / near.length;
    };
    const sorted = layer.toSorted((a, b) => middle(a) - middle(b));
    settle(sorted);
    return sorted;
  };
  let result = layers;
  for (const layer of result) settle(layer);
  for (let round = 0; round < 4; round += 1) {
    result = result.map((layer) => sortBy(layer, callers));
    result = result
      .toReversed()
      .map((layer) => sortBy(layer, callees))
      .toReversed();
  }
  return result;
}

function curve(from: Point, to: Point, height: number): Omit<PlacedEdge, 'from' | 'to'> {
  const half = NODE_WIDTH / 2;
  if (to.x > from.x) {
    const start = { x: from.x + half, y: from.y };
    const end = { x: to.x - half, y: to.y };
    const bend = (end.x - start.x) / 2;
    const path = `M${start.x} ${start.y} C${start.x + bend} ${start.y} ${end.x - bend} ${end.y} ${end.x} ${end.y}`;
    return { path, x: (start.x + end.x) / 2, y: (start.y + end.y) / 2, back: false };
  }
  // Out at the bottom, and in at the bottom, below everything between.
  const start = { x: from.x + half / 2, y: from.y + NODE_HEIGHT / 2 };
  const end = { x: to.x - half / 2, y: to.y + NODE_HEIGHT / 2 };
  const low = Math.min(height + GAP_Y / 2, Math.max(start.y, end.y) + GAP_Y * 0.8);
  const path = `M${start.x} ${start.y} C${start.x} ${low} ${end.x} ${low} ${end.x} ${end.y}`;
  return { path, x: (start.x + end.x) / 2, y: (start.y + end.y + 6 * low) / 8, back: true };
}

/** Edges whose labels do not lie on each other: the later one is moved down. Those that lead back come last. */
function apart(edges: readonly PlacedEdge[]): PlacedEdge[] {
  const placed: PlacedEdge[] = [];
  for (const edge of edges.toSorted((a, b) => Number(a.back) - Number(b.back) || a.y - b.y)) {
    let { y } = edge;
    const near = placed.filter((other) => Math.abs(other.x - edge.x) < LABEL_WIDTH);
    for (const other of near.toSorted((a, b) => a.y - b.y)) {
      if (Math.abs(other.y - y) < LABEL_HEIGHT) y = other.y + LABEL_HEIGHT;
    }
    placed.push({ ...edge, y });
  }
  return placed;
}
