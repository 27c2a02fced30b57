import {
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  type SpanContext,
  trace,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { B3InjectEncoding, B3Propagator as UpstreamB3Propagator } from '@opentelemetry/propagator-b3';
import { garbled } from '@org/fuzz';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { B3Propagator } from '../src/sdk/b3-propagator.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';

const FORMS = {
  single: new UpstreamB3Propagator(),
  multi: new UpstreamB3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER }),
};

const headers = fc.record(
  {
    b3: garbled(
      `${TRACE_ID}-${SPAN_ID}-1-${SPAN_ID}`,
      `${SPAN_ID}-${SPAN_ID}-d`,
      `${TRACE_ID}-${SPAN_ID}`,
      '0',
    ),
    'x-b3-traceid': garbled(TRACE_ID, SPAN_ID),
    'x-b3-spanid': garbled(SPAN_ID),
    'x-b3-sampled': fc.oneof(garbled('1', '0'), fc.constantFrom('true', 'True', 'false', 'False', 'd', '')),
    'x-b3-flags': fc.constantFrom('1', '0', ''),
  },
  { requiredKeys: [] },
);

test.each(['single', 'multi'] as const)("%s: B3 is read as OpenTelemetry's propagator reads it", (form) => {
  const [ours, theirs] = [new B3Propagator(form), FORMS[form]];
  const read = (propagator: UpstreamB3Propagator | B3Propagator, carrier: object): SpanContext | undefined =>
    trace.getSpanContext(propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter));
  fc.assert(
    fc.property(headers, (carrier) => {
      expect(read(ours, carrier)).toEqual(read(theirs, carrier));
    }),
    { numRuns: 1000 },
  );
});

test.each(['single', 'multi'] as const)('%s: B3 that has been read goes on as it came', (form) => {
  const [ours, theirs] = [new B3Propagator(form), FORMS[form]];
  const pass = (propagator: UpstreamB3Propagator | B3Propagator, carrier: object): object => {
    const sent = {};
    const within = propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
    propagator.inject(within, sent, defaultTextMapSetter);
    return sent;
  };
  const own = headers.map(({ b3, ...multi }) =>
    form === 'single' ? { ...(b3 !== undefined && { b3 }) } : multi,
  );
  fc.assert(
    fc.property(own, (carrier) => {
      expect(pass(ours, carrier)).toEqual(pass(theirs, carrier));
    }),
    { numRuns: 1000 },
  );
  expect(ours.fields()).toEqual(theirs.fields());
});

test('a wish for debugging goes on in the other form', () => {
  const within = new B3Propagator('single').extract(
    ROOT_CONTEXT,
    { b3: `${TRACE_ID}-${SPAN_ID}-d` },
    defaultTextMapGetter,
  );
  const sent = {};
  new B3Propagator('multi').inject(within, sent, defaultTextMapSetter);
  expect(sent).toEqual({ 'x-b3-traceid': TRACE_ID, 'x-b3-spanid': SPAN_ID, 'x-b3-flags': '1' });
});

test('nothing goes on where tracing is suppressed', () => {
  const span = { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 };
  const sent = {};
  new B3Propagator('single').inject(
    suppressTracing(trace.setSpanContext(ROOT_CONTEXT, span)),
    sent,
    defaultTextMapSetter,
  );
  expect(sent).toEqual({});
});
