import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { context, diag, DiagLogLevel, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { expect, onTestFinished, test } from 'vitest';

import { initTracing } from '../src/init-tracing.ts';
import { watchOpenSpans } from '../src/sdk/open-span-watch.ts';
import { traceHttpServer } from '../src/server-span.ts';
import { sharedState } from '../src/shared-state.ts';
import { withSpan } from '../src/with-span.ts';
import { runChild } from './support/child.ts';
import { listen } from './support/listen.ts';
import { setEnvironment, started } from './support/started.ts';

/** Warnings that can be waited for. */
function waitForWarnings(): { said: readonly string[]; next: () => Promise<string> } {
  const said: string[] = [];
  const waiting: ((message: string) => void)[] = [];
  let read = 0;
  const warn = (message: string): void => {
    said.push(message);
    if (waiting.length > 0) read += 1;
    waiting.shift()?.(message);
  };
  const none = (): void => undefined;
  diag.setLogger(
    { error: warn, warn, info: none, debug: none, verbose: none },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  onTestFinished(() => diag.disable());
  return {
    said,
    next: async () => said[read++] ?? new Promise((resolve) => waiting.push(resolve)),
  };
}

function placeOrder(): Span {
  return trace.getTracer('orders').startSpan('place order', { attributes: { 'url.full': 'http://a/b' } });
}

test('a span that stays open is reported once, with what it is and where it was started', async () => {
  const warnings = waitForWarnings();
  started({ exporter: 'none', reportOpenSpansAfterMillis: 20 });
  const span = placeOrder();
  const { traceId, spanId } = span.spanContext();
  const report = await warnings.next();
  expect(report).toMatch(/^the span "place order" has been open for 0\.\d s: INTERNAL, /);
  expect(report).toContain(`, trace ${traceId}, span ${spanId}, url.full="http://a/b"; `);
  expect(report).toMatch(
    / it was started at placeOrder \(.*open-span-watch\.test\.ts:\d+:\d+\), called from /,
  );

  // Whatever comes later, the first is not said again.
  trace.getTracer('orders').startSpan('another');
  expect(await warnings.next()).toContain('the span "another" has been open');
  expect(warnings.said).toHaveLength(2);
});

test("the first line that is told is the application's, not that of `withSpan`", async () => {
  const warnings = waitForWarnings();
  started({ exporter: 'none', reportOpenSpansAfterMillis: 20 });
  function handleOrder(): Promise<string> {
    return withSpan('order', () => warnings.next());
  }
  expect(await handleOrder()).toMatch(/ it was started at handleOrder \(.*open-span-watch\.test\.ts:/);
});

test("the span of a request is reported with the request's method and path", async () => {
  const warnings = waitForWarnings();
  started({ exporter: 'none', reportOpenSpansAfterMillis: 20 });
  const tracing = traceHttpServer({ scope: { name: '@org/tracing-test', version: '1' }, route: () => '/r' });
  const url = await listen((request, response) => {
    tracing.open(request).attach(response, request);
    void warnings.next().then((report) => response.end(report));
  });
  expect(await (await fetch(`${url}/orders/1?a=1`)).text()).toMatch(
    /^the span "GET" has been open for .* s: SERVER, .*, http\.request\.method="GET", url\.path="\/orders\/1"; it was started for a request, by @org\/tracing-test$/,
  );
});

test('a span that has ended is not held, nor by the timer of one that started below it', async () => {
  const warnings = waitForWarnings();
  started({ exporter: 'none', reportOpenSpansAfterMillis: 100 });
  const ended = await (async (): Promise<WeakRef<Span>> => {
    const outer = placeOrder();
    await warnings.next();
    // No timer is there by now: this sets one, in the context of the outer span.
    context.with(trace.setSpan(ROOT_CONTEXT, outer), () => trace.getTracer('orders').startSpan('inner'));
    outer.end();
    return new WeakRef(outer);
  })();
  expect(await isCollected(ended)).toBe(true);
  expect(await warnings.next()).toContain('the span "inner"');
  expect(warnings.said).toHaveLength(2);
});

test('at shutdown, spans that are open still are reported; those reported before are counted', async () => {
  const warnings = waitForWarnings();
  const handle = started({ exporter: 'none', reportOpenSpansAfterMillis: 20 });
  placeOrder();
  await warnings.next();
  trace.getTracer('orders').startSpan('short').end();
  trace.getTracer('orders').startSpan('open');
  await handle.shutdown();
  expect(warnings.said.slice(1)).toEqual([
    '1 span(s) that were reported before are still open at shutdown',
    expect.stringMatching(/^the span "open" is open at shutdown, for 0\.\d s: /),
  ]);
});

test('more than 10000 open spans are not remembered, which is said once', async () => {
  const warnings = waitForWarnings();
  const handle = started({ exporter: 'none', reportOpenSpansAfterMillis: 2 ** 31 - 1 });
  const spans = Array.from({ length: 10_002 }, () => placeOrder());
  expect(warnings.said).toEqual([
    'more than 10000 spans are open at the same time: those beyond are not watched, which is said once',
  ]);
  for (const span of spans) span.end();
  await handle.shutdown();
  expect(warnings.said).toHaveLength(1);
});

test('the watch holds no process, and there is none where it was not asked for', async () => {
  const child = runChild(
    `import { initTracing } from '@org/tracing-core';
    const { tracer } = initTracing({ exporter: 'none' });
    tracer.startSpan('left open');`,
    { TRACING_REPORT_OPEN_SPANS_AFTER_MILLIS: '3600000' },
  );
  expect(await child.exit).toEqual({ code: 0, signal: null, stderr: '' });
  expect(watchOpenSpans(undefined)).toEqual([]);
  expect(watchOpenSpans(0)).toEqual([]);
});

test('the variable asks for it too, an option of 0 wins over it, and a wrong one is said', async () => {
  const warnings = waitForWarnings();
  setEnvironment({ TRACING_REPORT_OPEN_SPANS_AFTER_MILLIS: '50' });
  expect(watchOpenSpans(undefined)).toHaveLength(1);
  expect(watchOpenSpans(0)).toEqual([]);
  setEnvironment({ TRACING_REPORT_OPEN_SPANS_AFTER_MILLIS: 'soon' });
  expect(watchOpenSpans(undefined)).toEqual([]);
  expect(warnings.said).toEqual([
    'TRACING_REPORT_OPEN_SPANS_AFTER_MILLIS="soon" is not a whole number from 0 to 2147483647; 0 is used',
  ]);
  expect(() => initTracing({ reportOpenSpansAfterMillis: -1 })).toThrow(
    new TypeError(
      'initTracing: reportOpenSpansAfterMillis must be a whole number from 0 to 2147483647; got -1',
    ),
  );
});

test('it lets an unsampled request compute no attributes, as without it', async () => {
  started({ exporter: 'none', reportOpenSpansAfterMillis: 1000 });
  expect(sharedState().attributesAtStart).toBe(false);
});

async function isCollected(reference: WeakRef<object>): Promise<boolean> {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  for (let round = 0; round < 20 && reference.deref() !== undefined; round++) {
    // A reference that was read is held until the turn is over.
    await new Promise(setImmediate);
    collectGarbage();
  }
  return reference.deref() === undefined;
}
