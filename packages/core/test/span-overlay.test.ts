import { createContextKey, INVALID_SPAN_CONTEXT, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { isTracingSuppressed, suppressTracing } from '@opentelemetry/core';
import { expect, test } from 'vitest';

import { contextOfSpan } from '../src/span-overlay.ts';

const FIRST = trace.wrapSpanContext({ ...INVALID_SPAN_CONTEXT, spanId: '1'.repeat(16) });
const SECOND = trace.wrapSpanContext({ ...INVALID_SPAN_CONTEXT, spanId: '2'.repeat(16) });
const KEY = createContextKey('of the application');

const below = trace.setSpan(ROOT_CONTEXT.setValue(KEY, 'below'), FIRST);

test('a context with another span has that span, and all else as it was', () => {
  const over = contextOfSpan(below, SECOND);
  expect(trace.getSpan(over)).toBe(SECOND);
  expect(over.getValue(KEY)).toBe('below');
  expect(trace.getSpan(below)).toBe(FIRST);
});

test('what is made of it keeps the span and does not change it', () => {
  const over = contextOfSpan(below, SECOND);
  const changed = suppressTracing(over.setValue(KEY, 'changed'));
  expect(trace.getSpan(changed)).toBe(SECOND);
  expect(changed.getValue(KEY)).toBe('changed');
  expect(isTracingSuppressed(changed)).toBe(true);
  const without = over.deleteValue(KEY);
  expect(trace.getSpan(without)).toBe(SECOND);
  expect(without.getValue(KEY)).toBeUndefined();
  const baggage = propagation.createBaggage({ tenant: { value: 'acme' } });
  expect(propagation.getBaggage(propagation.setBaggage(over, baggage))).toBe(baggage);
  expect(over.getValue(KEY)).toBe('below');
  expect(isTracingSuppressed(over)).toBe(false);
});

test('its span can be replaced and taken away', () => {
  const over = contextOfSpan(ROOT_CONTEXT.setValue(KEY, 'below'), FIRST);
  for (const context of [trace.setSpan(over, SECOND), contextOfSpan(over, SECOND)]) {
    expect(trace.getSpan(context)).toBe(SECOND);
    expect(context.getValue(KEY)).toBe('below');
  }
  const without = trace.deleteSpan(over);
  expect(trace.getSpan(without)).toBeUndefined();
  expect(without.getValue(KEY)).toBe('below');
  expect(trace.getSpan(over)).toBe(FIRST);
});
