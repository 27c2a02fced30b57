import {
  type Context,
  createContextKey,
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  type Span,
  trace,
} from '@opentelemetry/api';
import { deleteRPCMetadata, getRPCMetadata, RPCType, setRPCMetadata } from '@opentelemetry/core';
import { hold } from '@org/fuzz';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { contextWithServerSpan, contextWithSpan } from '../src/span-context.ts';

const KEYS = ['a', 'b'].map((name) => createContextKey(name));
const SPANS = Array.from({ length: 4 }, () => trace.wrapSpanContext({ ...INVALID_SPAN_CONTEXT }));

function asTheApi(around: Context, span: Span): Context {
  return setRPCMetadata(trace.setSpan(around, span), { type: RPCType.HTTP, span });
}

/** One step, by ours and by the API. */
type Step = (contexts: readonly [Context, Context]) => [Context, Context];

const both =
  (change: (around: Context) => Context): Step =>
  ([own, api]) => [change(own), change(api)];

const span = fc.constantFrom(...SPANS);
const key = fc.constantFrom(...KEYS);
const step: fc.Arbitrary<Step> = fc.oneof(
  span.map((given): Step => ([own, api]) => [contextWithSpan(own, given), trace.setSpan(api, given)]),
  span.map((given): Step => ([own, api]) => [contextWithServerSpan(own, given), asTheApi(api, given)]),
  span.map((given) => both((around) => trace.setSpan(around, given))),
  span.map((given) => both((around) => setRPCMetadata(around, { type: RPCType.HTTP, span: given }))),
  fc.constant(both((around) => trace.deleteSpan(around))),
  fc.constant(both((around) => deleteRPCMetadata(around))),
  fc.tuple(key, fc.nat(3)).map(([name, value]) => both((around) => around.setValue(name, value))),
  key.map((name) => both((around) => around.deleteValue(name))),
);

function told(around: Context): unknown[] {
  const rpc = getRPCMetadata(around);
  return [
    SPANS.indexOf(trace.getSpan(around)!),
    rpc && [rpc.type, SPANS.indexOf(rpc.span)],
    ...KEYS.map((name) => around.getValue(name)),
  ];
}

hold(
  'a context with a span holds what the API would have it hold, whatever is made of it',
  () =>
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let contexts: [Context, Context] = [ROOT_CONTEXT, ROOT_CONTEXT];
      const seen = [contexts];
      for (const each of steps) seen.push((contexts = each(contexts)));
      // The earlier ones too: a context never changes.
      for (const [own, api] of seen) expect(told(own)).toEqual(told(api));
    }),
  { runs: 500 },
);

test('a context with a span holds none of the spans before it', () => {
  let around: Context = ROOT_CONTEXT;
  for (const each of SPANS) around = contextWithServerSpan(contextWithSpan(around, each), each);
  const text = JSON.stringify(around, (_key, value: unknown) =>
    SPANS.includes(value as Span) ? `span ${SPANS.indexOf(value as Span)}` : value,
  );
  expect(text).toContain('span 3');
  expect(text).not.toMatch(/span [012]/);
});
