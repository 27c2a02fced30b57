import { context, type HrTime, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';

import { ownSpans as tracing } from './support/own-spans.ts';

function nanos([seconds, rest]: HrTime): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(rest);
}

test('a child lies within its parent, to the microsecond', () => {
  const { tracer, spans } = tracing();
  for (let round = 0; round < 200; round++) {
    const parent = tracer.startSpan('parent');
    const child = tracer.startSpan('child', {}, trace.setSpan(context.active(), parent));
    // So that the two fall into different milliseconds now and then.
    for (const until = performance.now() + 0.05; performance.now() < until;);
    child.end();
    parent.end();
  }
  const outside = [];
  const all = spans();
  for (let index = 0; index < all.length; index += 2) {
    const [child, parent] = [all[index]!, all[index + 1]!];
    const fits =
      nanos(child.startTime) >= nanos(parent.startTime) && nanos(child.endTime) <= nanos(parent.endTime);
    if (!fits) outside.push([parent.startTime, child.startTime, child.endTime, parent.endTime]);
  }
  expect(outside).toEqual([]);
});

test('starts are on the wall clock and finer than a millisecond', () => {
  const { tracer, spans } = tracing();
  const before = Date.now();
  for (let round = 0; round < 10; round++) tracer.startSpan('span').end();
  const after = Date.now();
  const starts = spans().map((span) => Number(nanos(span.startTime)) / 1e6);
  expect(starts.some((start) => start % 1 !== 0)).toBe(true);
  for (const start of starts) {
    expect(start).toBeGreaterThan(before - 3);
    expect(start).toBeLessThan(after + 4);
  }
});

test('a start that the caller gave stays', () => {
  const { tracer, spans } = tracing();
  tracer.startSpan('span', { startTime: [1_700_000_000, 5] }).end([1_700_000_001, 0]);
  expect(spans()[0]?.startTime).toEqual([1_700_000_000, 5]);
});

test('an end that the caller gave stays, and a span that would end before its start has no duration', () => {
  const { tracer, spans } = tracing();
  tracer.startSpan('span', { startTime: new Date(5000) }).end(7500.25);
  tracer.startSpan('span', { startTime: 8_000_000_000_000 }).end();
  expect(spans()[0]).toMatchObject({
    startTime: [5, 0],
    endTime: [7, 500_250_000],
    duration: [2, 500_250_000],
  });
  expect(spans()[1]).toMatchObject({ endTime: [8_000_000_000, 0], duration: [0, 0] });
});

test('a moment of the monotonic clock is one of the wall clock, in a span, its end and its events', () => {
  const { tracer, spans } = tracing();
  const moment = performance.now();
  const wall = Date.now();
  const span = tracer.startSpan('span', { startTime: moment });
  span.addEvent('event', moment);
  span.end(moment);
  const [{ startTime, endTime, events } = oops()] = spans();
  for (const time of [startTime, endTime, events[0]!.time]) {
    expect(Math.abs(Number(nanos(time)) / 1e6 - wall)).toBeLessThan(4);
  }
});

test('an event is told by the clock of its span, so it lies within it', () => {
  const { tracer, spans } = tracing();
  tracer.startSpan('span').addEvent('event').end();
  const [{ startTime, endTime, events } = oops()] = spans();
  const time = nanos(events[0]!.time);
  expect(time >= nanos(startTime) && time <= nanos(endTime)).toBe(true);
});

function oops(): never {
  throw new Error('no span has ended');
}
