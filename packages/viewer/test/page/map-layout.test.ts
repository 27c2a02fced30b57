import { expect, test } from 'vitest';

import {
  LABEL_HEIGHT,
  LABEL_WIDTH,
  layOutMap,
  NODE_HEIGHT,
  NODE_WIDTH,
} from '../../page/src/map/map-layout.ts';

function layOut(calls: readonly string[]) {
  const pairs = calls.map((call) => call.split('>') as [string, string]);
  const services = [...new Set(pairs.flat())];
  const numbers = { calls: 1, errors: 0, perSecond: 1, errorRate: 0, p50Ms: 1, p99Ms: 1 };
  return layOutMap({
    nodes: services.map((service) => ({ service, requests: 1, errors: 0, external: false })),
    edges: pairs.map(([from, to]) => ({ from, to, ...numbers })),
  });
}

const xOf = ({ nodes }: ReturnType<typeof layOut>, name: string) =>
  nodes.find(({ service }) => service === name)!.x;

test('whoever is called stands right of all that call it', () => {
  const layout = layOut(['a>b', 'b>c', 'a>c', 'c>d']);
  const xs = ['a', 'b', 'c', 'd'].map((name) => xOf(layout, name));
  expect(xs).toEqual(xs.toSorted((one, other) => one - other));
  expect(new Set(xs).size).toBe(4);
  expect(layout.edges.every(({ back }) => !back)).toBe(true);
});

test('a cycle is cut where a request does not come in, and a call to itself leads back', () => {
  const layout = layOut(['b>c', 'c>b', 'a>b', 'c>c']);
  expect(xOf(layout, 'a')).toBeLessThan(xOf(layout, 'b'));
  expect(xOf(layout, 'b')).toBeLessThan(xOf(layout, 'c'));
  const back = layout.edges.filter((edge) => edge.back);
  expect(back.map(({ from, to }) => from + to).toSorted()).toEqual(['cb', 'cc']);
});

test('a ring of services that call each other has a place for each', () => {
  expect(new Set(layOut(['a>b', 'b>c', 'c>a']).nodes.map(({ x }) => x)).size).toBe(3);
});

test('no two boxes overlap, and all are within the drawing', () => {
  const layout = layOut(['a>b', 'a>c', 'a>d', 'b>e', 'c>e', 'd>e', 'd>f', 'x>y']);
  for (const [index, one] of layout.nodes.entries()) {
    expect(one.x - NODE_WIDTH / 2).toBeGreaterThanOrEqual(0);
    expect(one.x + NODE_WIDTH / 2).toBeLessThanOrEqual(layout.width);
    expect(one.y + NODE_HEIGHT / 2).toBeLessThanOrEqual(layout.height);
    for (const other of layout.nodes.slice(index + 1)) {
      const apart = Math.abs(one.x - other.x) >= NODE_WIDTH || Math.abs(one.y - other.y) >= NODE_HEIGHT;
      expect(apart).toBe(true);
    }
  }
});

test('no label lies on another', () => {
  const { edges, height } = layOut(['a>b', 'b>a', 'a>c', 'b>b', 'c>b', 'c>a']);
  for (const [index, one] of edges.entries()) {
    expect(one.y + LABEL_HEIGHT / 2).toBeLessThanOrEqual(height);
    for (const other of edges.slice(index + 1)) {
      const clear = Math.abs(one.x - other.x) >= LABEL_WIDTH || Math.abs(one.y - other.y) >= LABEL_HEIGHT;
      expect(clear).toBe(true);
    }
  }
});

test('a map without services is empty', () => {
  expect(layOutMap({ nodes: [], edges: [] })).toMatchObject({ nodes: [], edges: [] });
});
