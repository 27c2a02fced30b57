import {
  assertContinuous,
  assertLogs,
  assertOneServerSpanPerHop,
  assertTraceTree,
} from '@org/tracing-testing/assert';
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { type Order, placeOrder } from './place-order.ts';
import { steady } from './steady.ts';

// Each test looks at what a person sees; the processes start one after the other.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let order: Order;
beforeAll(async () => {
  order = await placeOrder('rocket');
});
beforeEach(() => {
  vi.stubEnv('COLUMNS', '120');
  vi.stubEnv('NO_COLOR', '1');
});

function failureOf(assertion: () => void): string {
  try {
    assertion();
  } catch (error) {
    return steady((error as Error).message);
  }
  throw new Error('the assertion holds');
}

const tree = {
  service: 'orders',
  name: 'POST /orders/:sku',
  attributes: { 'http.response.status_code': 201 },
  children: [
    { kind: 'CLIENT', name: 'GET', children: [{ service: 'stock', name: 'GET /stock/:sku' }] },
    { kind: 'CLIENT', name: 'INSERT orders' },
  ],
} as const;

test('a tree that is not as expected', () => {
  expect(failureOf(() => assertTraceTree(order.trace, tree))).toMatchInlineSnapshot(`
    "expected the trace tree to match; 2 differences:
      "POST /orders/:sku" (orders): http.response.status_code: expected 201, got 409
      missing below "POST /orders/:sku" (orders): "INSERT orders"

    trace TRACE
    Expected                              │ Received
    orders  POST /orders/:sku             ≠ orders  POST /orders/:sku      SERVER
            ├─ GET                 CLIENT │ orders  └─ GET                 CLIENT
    stock   │  └─ GET /stock/:sku         │ stock      └─ GET /stock/:sku  SERVER
            └─ INSERT orders       CLIENT -"
  `);
});

test('a tree that is not as expected, in a narrow terminal', () => {
  vi.stubEnv('COLUMNS', '70');
  const failure = failureOf(() => assertTraceTree(order.trace, tree));
  expect(failure.slice(failure.indexOf('\n\n') + 2)).toMatchInlineSnapshot(`
    "trace TRACE
    ≠ differs   - missing   + not expected
    ≠ orders  POST /orders/:sku      SERVER
              │  ! http.response.status_code: expected 201, got 409
      orders  ├─ GET                 CLIENT
      stock   │  └─ GET /stock/:sku  SERVER
    -         └─ INSERT orders       CLIENT"
  `);
});

test('a log line that is missing', () => {
  const wanted = [
    { level: 'warn', message: 'no rocket left', service: 'stock' },
    { level: 'error', message: 'order of rocket is refused', span: 'POST /orders/:sku' },
  ];
  expect(failureOf(() => assertLogs(order.trace, order.logs, wanted))).toMatchInlineSnapshot(`
    "expected 2 log lines in the trace; missing:
      ERROR "order of rocket is refused" below "POST /orders/:sku"
        a line with this message has the level INFO

    trace TRACE · 3 spans · 2 services · TIME
    orders  POST /orders/:sku      SERVER TIME
            │  ! missing: ERROR "order of rocket is refused"
            │  · INFO  order of rocket is refused
    orders  └─ GET                 CLIENT TIME
    stock      └─ GET /stock/:sku  SERVER TIME
                     · WARN  no rocket left"
  `);
});

test('a service without set-up', async () => {
  const { trace } = await placeOrder('anvil', { stock: 'defects/stock-without-set-up.js', spanCount: 2 });
  expect(failureOf(() => assertOneServerSpanPerHop(trace))).toMatchInlineSnapshot(`
    "expected one request with exactly one SERVER span for each hop:
      "GET" (orders): its hop to HOST:PORT has no SERVER span
        usually a service without set-up, or spans that were not sent or were lost; name a server that is not to be traced
          in \`untraced\`

    trace TRACE · 2 spans · TIME
    orders  POST /orders/:sku  SERVER TIME
    orders  └─ GET             CLIENT TIME
                  ! its hop to HOST:PORT has no SERVER span"
  `);
});

test('two instrumentations in one service', async () => {
  const { trace } = await placeOrder('anvil', { stock: 'defects/stock-traced-twice.js', spanCount: 4 });
  expect(failureOf(() => assertOneServerSpanPerHop(trace))).toMatchInlineSnapshot(`
    "expected one request with exactly one SERVER span for each hop:
      the hop by "GET" (orders) has 2 SERVER spans: "GET /stock/:sku" (stock) by @org/tracing-koa, "GET /stock/anvil"
        (stock) by own-tracing
        usually two instrumentations of one server, such as a plugin and an agent: turn one of them off

    trace TRACE · 4 spans · 2 services · TIME
    orders  POST /orders/:sku          SERVER TIME
    orders  └─ GET                     CLIENT TIME
    stock      └─ GET /stock/:sku      SERVER TIME
    stock         └─ GET /stock/anvil  SERVER TIME
                        ! a second SERVER span of one hop"
  `);
});

test('spans that did not arrive', () => {
  const [entry, , answer] = order.trace;
  const left = [entry, answer].filter((span) => span !== undefined);
  expect(failureOf(() => assertContinuous(left))).toMatchInlineSnapshot(`
    "expected one continuous trace:
      "GET /stock/:sku" (stock): its parent SPAN is not there
        usually a span that had not ended or was not sent when this was asserted, one that was lost, or a parent that
          reports elsewhere (then name it in \`remoteParents\`)

    trace TRACE · 2 spans · 2 services · TIME
    orders  POST /orders/:sku  SERVER TIME
    stock   GET /stock/:sku    SERVER TIME
               ↑ parent span SPAN not seen here
               ! its parent SPAN is not there"
  `);
});

test('a promise that is not awaited', () => {
  const promise = Promise.resolve(order.trace);
  // @ts-expect-error JavaScript does not say so.
  expect(failureOf(() => assertContinuous(promise))).toMatchInlineSnapshot(
    `"expected the spans of one trace, such as \`await receiver.waitForTrace()\` gives; got a promise: await it."`,
  );
});
