import { SpanKind } from '@opentelemetry/api';
import { expect, test } from 'vitest';

import type { ServiceMap } from '../src/api.ts';
import { serviceMapReader } from '../src/service-map.ts';
import { TraceStore } from '../src/trace-store.ts';
import { linkTo, makeSpan, type SpanSketch } from './make-span.ts';

const { CLIENT, CONSUMER, INTERNAL, PRODUCER, SERVER } = SpanKind;

function mapOf(...sketches: SpanSketch[]): Promise<ServiceMap> {
  const store = new TraceStore();
  store.addSpans(sketches.map(makeSpan));
  return serviceMapReader(store)();
}

/** `a > b ×2`, errors after it. */
function told({ edges }: ServiceMap): string[] {
  return edges.map(
    ({ from, to, calls, errors }) => `${from} > ${to} ×${calls}${errors ? ` !${errors}` : ''}`,
  );
}

const kafka = { 'messaging.system': 'kafka', 'messaging.destination.name': 'orders' };

test('a call is the SERVER span of another service below a CLIENT span', async () => {
  const map = await mapOf(
    { span: 1, kind: SERVER, serviceName: 'a' },
    { span: 2, parent: 1, kind: INTERNAL, serviceName: 'a' },
    { span: 3, parent: 2, kind: CLIENT, serviceName: 'a', attributes: { 'server.address': 'b.local' } },
    { span: 4, parent: 3, kind: SERVER, serviceName: 'b', status: { code: 2 } },
    {
      span: 5,
      parent: 4,
      kind: CLIENT,
      serviceName: 'b',
      attributes: { 'db.system.name': 'postgresql', 'db.namespace': 'shop' },
    },
    {
      span: 6,
      parent: 4,
      kind: CLIENT,
      serviceName: 'b',
      attributes: { 'server.address': 'api.example.com', 'server.port': 443 },
    },
  );
  expect(told(map)).toEqual(['a > b ×1 !1', 'b > postgresql shop ×1', 'b > api.example.com:443 ×1']);
  expect(map.nodes).toEqual([
    { service: 'a', requests: 1, errors: 0, external: false },
    { service: 'b', requests: 1, errors: 1, external: false },
    { service: 'postgresql shop', requests: 1, errors: 0, external: true },
    { service: 'api.example.com:443', requests: 1, errors: 0, external: true },
  ]);
});

test('of calls inside of calls the innermost counts, once', async () => {
  const map = await mapOf(
    { span: 1, kind: CLIENT, serviceName: 'a', attributes: { 'rpc.service': 'S3' } },
    { span: 2, parent: 1, kind: CLIENT, serviceName: 'a', attributes: { 'server.address': 's3.local' } },
  );
  expect(told(map)).toEqual(['a > s3.local ×1']);
});

test('a service that calls itself over the network has an edge to itself, one that works inside itself has none', async () => {
  const map = await mapOf(
    { span: 1, kind: SERVER, serviceName: 'a' },
    { span: 2, parent: 1, kind: CLIENT, serviceName: 'a' },
    { span: 3, parent: 2, kind: SERVER, serviceName: 'a' },
    { trace: 2, span: 1, kind: INTERNAL, serviceName: 'a' },
    { trace: 2, span: 2, parent: 1, kind: CONSUMER, serviceName: 'a' },
  );
  expect(told(map)).toEqual(['a > a ×1']);
});

test('a message leads from its producer to its consumer: by parent, by a link to another trace, and once by both', async () => {
  const producer = { kind: PRODUCER, serviceName: 'a', attributes: kafka };
  const consumer = { kind: CONSUMER, serviceName: 'd' };
  const map = await mapOf(
    { trace: 1, span: 1, ...producer },
    { trace: 1, span: 2, parent: 1, ...consumer },
    { trace: 2, span: 1, ...producer },
    { trace: 3, span: 1, ...consumer, links: [linkTo(2, 1)] },
    { trace: 4, span: 1, ...producer },
    { trace: 4, span: 2, parent: 1, ...consumer, links: [linkTo(4, 1)] },
    { trace: 5, span: 1, ...producer },
  );
  expect(told(map)).toEqual(['a > d ×3', 'a > kafka orders ×1']);
});

test('rates and percentiles are of the callee’s spans', async () => {
  const calls = Array.from({ length: 100 }, (_, index): SpanSketch[] => [
    { trace: index, span: 1, kind: CLIENT, serviceName: 'a', from: index * 100, to: index * 100 + 1000 },
    {
      trace: index,
      span: 2,
      parent: 1,
      kind: SERVER,
      serviceName: 'b',
      from: index * 100,
      to: index * 100 + index + 1,
    },
  ]);
  expect(await mapOf(...calls.flat())).toMatchObject({
    seconds: 9.9,
    edges: [{ calls: 100, perSecond: 100 / 9.9, errorRate: 0, p50Ms: 50, p99Ms: 99 }],
  });
});

test('the map of a store that has not changed is not made again', async () => {
  const store = new TraceStore();
  store.addSpans([makeSpan({ span: 1, kind: SERVER })]);
  const map = serviceMapReader(store);
  const first = await map();
  expect(await map()).toBe(first);
  store.addSpans([makeSpan({ span: 2, kind: SERVER })]);
  expect((await map()).nodes).toMatchObject([{ requests: 2 }]);
});

test('it is what one made anew would be, whatever has come and gone', async () => {
  const store = new TraceStore({ traces: 4 });
  const map = serviceMapReader(store);
  const producer = { kind: PRODUCER, serviceName: 'a', attributes: kafka };
  const consumer = { kind: CONSUMER, serviceName: 'd' };
  const client = { kind: CLIENT, serviceName: 'a', attributes: { 'server.address': 'b.local' } };
  const steps: SpanSketch[] = [
    { trace: 1, span: 9, kind: INTERNAL, serviceName: 'a' },
    // A consumer before its producer, in a trace that is known and in one that is not.
    { trace: 2, span: 1, ...consumer, links: [linkTo(1, 1), linkTo(3, 1)] },
    { trace: 1, span: 1, ...producer },
    { trace: 3, span: 1, ...producer },
    { trace: 3, span: 2, ...client },
    { trace: 3, span: 3, parent: 2, kind: SERVER, serviceName: 'b' },
    { trace: 4, span: 1, ...consumer, links: [linkTo(3, 1)] },
    // The first goes, then the others.
    { trace: 5, span: 1, ...client, status: { code: 2 } },
    { trace: 6, span: 1, ...producer },
    { trace: 7, span: 1, ...consumer, links: [linkTo(6, 1)] },
    { trace: 8, span: 1, ...consumer, links: [linkTo(6, 2)] },
    { trace: 6, span: 2, ...producer },
  ];
  for (const step of steps) {
    store.addSpans([makeSpan(step)]);
    expect(await map(), JSON.stringify(step)).toEqual(await serviceMapReader(store)());
  }
  expect(told(await map())).toEqual(['a > b.local ×1 !1', 'a > d ×2']);
});

test('a trace that has grown past the limit, and gone by that, is on it no more', async () => {
  const store = new TraceStore({ spans: 3 });
  const map = serviceMapReader(store);
  for (const trace of [1, 2]) store.addSpans([makeSpan({ trace, span: 1, serviceName: `of ${trace}` })]);
  store.addSpans([makeSpan({ trace: 1, span: 2, serviceName: 'of 1' })]);
  await map();
  store.addSpans([makeSpan({ trace: 1, span: 3, serviceName: 'of 1' })]);
  expect((await map()).nodes).toMatchObject([{ service: 'of 2' }]);
});

test('the first map of a full store lets others have their turn, and has what has come meanwhile', async () => {
  const store = new TraceStore();
  for (let trace = 0; trace < 640; trace += 1) store.addSpans([makeSpan({ trace, span: 1, kind: SERVER })]);
  let turns = 0;
  const count = (): void => {
    turns += 1;
    if (turns === 5) store.addSpans([makeSpan({ trace: 1000, span: 1, kind: SERVER })]);
    if (turns < 10) setImmediate(count);
  };
  setImmediate(count);
  expect((await serviceMapReader(store, 0)()).nodes).toMatchObject([{ requests: 641 }]);
  expect(turns).toBeGreaterThanOrEqual(9);
});

test('nothing is a map without nodes', async () => {
  expect(await serviceMapReader(new TraceStore())()).toEqual({ nodes: [], edges: [], seconds: 0 });
});
