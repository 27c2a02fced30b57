import { type Context, propagation, ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api';
import { SamplingDecision } from '@opentelemetry/sdk-trace-node';
import { expect, test } from 'vitest';

import { collectWarnings, spansOf } from './support/started.ts';

const LOW_TRACE = '00000000000000000000000000000001';
const HIGH_TRACE = '000000000000000000000000fffffffe';

/** A remote parent that was, or was not, sampled. */
function parent(traceId: string, sampled: boolean): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId: '00000000000000aa',
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  });
}

function tryEveryKind(): void {
  const tracer = trace.getTracer('test');
  tracer.startSpan('root', {}, ROOT_CONTEXT).end();
  tracer.startSpan('sampled low', {}, parent(LOW_TRACE, true)).end();
  tracer.startSpan('sampled high', {}, parent(HIGH_TRACE, true)).end();
  tracer.startSpan('unsampled low', {}, parent(LOW_TRACE, false)).end();
}

const SAMPLED_PARENTS = ['sampled low', 'sampled high'];

test.each<[string, Record<string, string>, string[]]>([
  ['unset', {}, ['root', ...SAMPLED_PARENTS]],
  ['parentbased_always_on', {}, ['root', ...SAMPLED_PARENTS]],
  ['parentbased_always_off', {}, SAMPLED_PARENTS],
  ['always_on', {}, ['root', ...SAMPLED_PARENTS, 'unsampled low']],
  ['always_off', {}, []],
  ['traceidratio', {}, ['root', ...SAMPLED_PARENTS, 'unsampled low']],
  ['traceidratio', { OTEL_TRACES_SAMPLER_ARG: '0' }, []],
  ['parentbased_traceidratio', { OTEL_TRACES_SAMPLER_ARG: '0' }, SAMPLED_PARENTS],
  ['PARENTBASED_Always_Off', {}, SAMPLED_PARENTS],
])('OTEL_TRACES_SAMPLER %s with %j records %j', async (name, argument, expected) => {
  const warnings = collectWarnings();
  const environment = name === 'unset' ? argument : { OTEL_TRACES_SAMPLER: name, ...argument };
  const spans = await spansOf(tryEveryKind, {}, environment);
  expect(spans.map((span) => span.name)).toEqual(expected);
  expect(warnings).toEqual([]);
});

test('OTEL_TRACES_SAMPLER_ARG sets the part of the traces that traceidratio records', async () => {
  const environment = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' };
  const spans = await spansOf(tryEveryKind, {}, environment);
  const names = spans.map((span) => span.name).filter((name) => name !== 'root');
  expect(names).toEqual(['sampled low', 'unsampled low']);
});

test('a sampler in code wins over OTEL_TRACES_SAMPLER, by name, by ratio and as an object', async () => {
  const environment = { OTEL_TRACES_SAMPLER: 'always_on', OTEL_TRACES_SAMPLER_ARG: '1' };
  expect(await spansOf(tryEveryKind, { sampler: 'always_off' }, environment)).toEqual([]);
  expect(await spansOf(tryEveryKind, { samplerRatio: 0 }, environment)).toHaveLength(2);
  expect(await spansOf(tryEveryKind, { sampler: 'traceidratio', samplerRatio: 0 }, environment)).toEqual([]);
  const sampler = { shouldSample: () => ({ decision: SamplingDecision.NOT_RECORD }), toString: () => 'none' };
  expect(await spansOf(tryEveryKind, { sampler }, environment)).toEqual([]);
});

test('a sampler of the application that throws loses its spans, and the application does not notice', async () => {
  const warnings = collectWarnings();
  const sampler = {
    shouldSample() {
      throw new Error('no idea');
    },
    toString: () => 'broken',
  };
  expect(await spansOf(tryEveryKind, { sampler })).toEqual([]);
  expect(warnings).toEqual(['the sampler threw, and such spans are not recorded: Error: no idea']);
});

const SPAN_CONTEXT = { traceId: LOW_TRACE, spanId: '00000000000000aa', traceFlags: TraceFlags.SAMPLED };

function injected(): Record<string, string> {
  const carrier: Record<string, string> = {};
  const context = propagation.setBaggage(
    trace.setSpanContext(ROOT_CONTEXT, SPAN_CONTEXT),
    propagation.createBaggage({ tenant: { value: 'acme' } }),
  );
  propagation.inject(context, carrier);
  return carrier;
}

const TRACEPARENT = { traceparent: `00-${LOW_TRACE}-00000000000000aa-01` };
const BAGGAGE = { baggage: 'tenant=acme' };

test.each<[string, Record<string, string>]>([
  ['', { ...TRACEPARENT, ...BAGGAGE }],
  ['tracecontext', TRACEPARENT],
  ['baggage', BAGGAGE],
  ['b3', { b3: `${LOW_TRACE}-00000000000000aa-1` }],
  ['b3multi', { 'x-b3-traceid': LOW_TRACE, 'x-b3-spanid': '00000000000000aa', 'x-b3-sampled': '1' }],
  [
    'xray',
    { 'x-amzn-trace-id': 'Root=1-00000000-000000000000000000000001;Parent=00000000000000aa;Sampled=1' },
  ],
  ['none', {}],
  ['TraceContext, tracecontext ,BAGGAGE', { ...TRACEPARENT, ...BAGGAGE }],
])('OTEL_PROPAGATORS=%s sends %j, and reads it back', async (value, expected) => {
  const warnings = collectWarnings();
  await spansOf(
    () => {
      const carrier = injected();
      expect(carrier).toEqual(expected);
      const extracted = propagation.extract(ROOT_CONTEXT, carrier);
      const carriesTrace = Object.keys(expected).some((name) => name !== 'baggage');
      expect(trace.getSpanContext(extracted)?.traceId).toBe(carriesTrace ? LOW_TRACE : undefined);
    },
    {},
    { OTEL_PROPAGATORS: value },
  );
  expect(warnings).toEqual([]);
});

test('each propagator is used once, however often OTEL_PROPAGATORS names it', async () => {
  await spansOf(
    () => expect(propagation.fields()).toEqual(['traceparent', 'tracestate']),
    {},
    { OTEL_PROPAGATORS: 'tracecontext,TRACECONTEXT' },
  );
});

test('propagators in code win over OTEL_PROPAGATORS, by name and as objects; an empty list means none', async () => {
  const environment = { OTEL_PROPAGATORS: 'b3' };
  await spansOf(
    () => expect(injected()).toEqual(TRACEPARENT),
    { propagators: ['tracecontext'] },
    environment,
  );
  await spansOf(() => expect(injected()).toEqual({}), { propagators: [] }, environment);
  const own = {
    inject: (_context: Context, carrier: Record<string, string>) => void (carrier['x-own'] = '1'),
    extract: (context: Context) => context,
    fields: () => ['x-own'],
  };
  await spansOf(() => expect(injected()).toEqual({ 'x-own': '1' }), { propagators: [own] }, environment);
});
