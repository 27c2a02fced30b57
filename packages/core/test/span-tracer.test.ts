import {
  type Context,
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import { suppressTracing, TraceState } from '@opentelemetry/core';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';
import { hold } from '@org/fuzz';
import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';

import { createSampling, type SamplerName } from '../src/sdk/sampler.ts';
import { randomSpanId, randomTraceId } from '../src/sdk/span-ids.ts';
import { ownSpans } from './support/own-spans.ts';
import { collectWarnings } from './support/started.ts';

const remote: SpanContext = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
  traceState: new TraceState('a=1'),
  isRemote: true,
};

function below(spanContext: SpanContext): Context {
  return trace.setSpanContext(ROOT_CONTEXT, spanContext);
}

const SDK: Readonly<Record<SamplerName, (ratio: number) => Sampler>> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio),
  parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
  parentbased_traceidratio: (ratio) => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
};

const ratios = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1));

hold(
  'a sampler of the specification chooses the traces that the SDK chooses',
  () =>
    fc.property(
      fc.constantFrom(...(Object.keys(SDK) as SamplerName[])),
      ratios,
      fc.option(fc.record({ traceFlags: fc.nat(3), isRemote: fc.boolean() })),
      (name, ratio, parentFlags) => {
        const traceId = randomTraceId();
        const parent = parentFlags ? { ...remote, traceId, ...parentFlags } : undefined;
        const around = parent ? below(parent) : ROOT_CONTEXT;
        const { decision } = SDK[name](ratio).shouldSample(around, traceId, 'name', SpanKind.SERVER, {}, []);
        const sampling = createSampling(name, name.endsWith('ratio') ? ratio : undefined);
        if (!('decide' in sampling)) throw new Error('a sampler of the application');
        expect(sampling.decide(parent, traceId)).toBe(decision === SamplingDecision.RECORD_AND_SAMPLED);
      },
    ),
  { runs: 500 },
);

test('ids are random, of their length, and no two are the same', () => {
  const spanIds = Array.from({ length: 10_000 }, randomSpanId);
  const traceIds = Array.from({ length: 10_000 }, randomTraceId);
  expect(new Set(spanIds).size).toBe(10_000);
  expect(new Set(traceIds).size).toBe(10_000);
  expect(spanIds.filter((id) => !/^[\da-f]{16}$/.test(id))).toEqual([]);
  expect(traceIds.filter((id) => !/^[\da-f]{32}$/.test(id))).toEqual([]);
  // A digit that were not random would show: each of the 16 has its 625 of 10,000 in every place, give or take.
  for (let place = 0; place < 16; place++) {
    const counts = new Map<string, number>();
    for (const id of spanIds) counts.set(id[place]!, (counts.get(id[place]!) ?? 0) + 1);
    expect(counts.size).toBe(16);
    expect(Math.max(...counts.values())).toBeLessThan(850);
  }
});

test('where chance gives nothing but 0, as in a test that says so, ids are valid all the same', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  onTestFinished(() => void vi.restoreAllMocks());
  const ids = Array.from({ length: 100 }, () => [randomTraceId(), randomSpanId()]);
  expect(ids.at(-1)).toEqual([`${'0'.repeat(31)}1`, `${'0'.repeat(15)}1`]);
});

test('a span below another one continues its trace, its state and its sampling', () => {
  const { tracer, spans } = ownSpans();
  tracer.startSpan('child', {}, below(remote)).end();
  const child = spans()[0]!;
  expect(child.parentSpanContext).toBe(remote);
  expect(child.spanContext()).toMatchObject({ traceId: remote.traceId, traceFlags: TraceFlags.SAMPLED });
  expect(child.spanContext().traceState?.serialize()).toBe('a=1');
  expect(child.spanContext().spanId).not.toBe(remote.spanId);

  const unsampled = tracer.startSpan('child', {}, below({ ...remote, traceFlags: TraceFlags.NONE }));
  expect(unsampled.isRecording()).toBe(false);
  expect(unsampled.spanContext()).toMatchObject({ traceId: remote.traceId, traceFlags: TraceFlags.NONE });
  expect(unsampled.spanContext().traceState?.serialize()).toBe('a=1');
});

test('a new trace begins where a root is asked for, and below a span that is none', () => {
  const { tracer, spans } = ownSpans();
  tracer.startSpan('root', { root: true }, below(remote)).end();
  tracer.startSpan('root', {}, below(INVALID_SPAN_CONTEXT)).end();
  tracer.startSpan('root', {}, below({ ...remote, spanId: '' })).end();
  for (const span of spans()) {
    expect(span.parentSpanContext).toBeUndefined();
    expect(span.spanContext().traceId).not.toBe(remote.traceId);
    expect(span.spanContext().traceState).toBeUndefined();
  }
  expect(spans()).toHaveLength(3);
});

test('a span below one of ours that is not recorded continues its trace; a copy of its context is read anew', () => {
  const { tracer, spans } = ownSpans();
  const unsampled = tracer.startSpan('parent', {}, below({ ...remote, traceFlags: TraceFlags.NONE }));
  const own = unsampled.spanContext();
  expect(tracer.startSpan('child', {}, below(own)).spanContext()).toMatchObject({
    traceId: remote.traceId,
    traceFlags: TraceFlags.NONE,
  });
  tracer.startSpan('root', {}, below({ ...own, spanId: 'changed' })).end();
  expect(spans()[0]).toMatchObject({ name: 'root' });
  expect(spans()[0]?.parentSpanContext).toBeUndefined();
});

test('where tracing is suppressed a span is none', () => {
  const { tracer, spans } = ownSpans();
  const span = tracer.startSpan('span', {}, suppressTracing(below(remote)));
  span.end();
  expect(span.spanContext()).toEqual(INVALID_SPAN_CONTEXT);
  expect(spans()).toEqual([]);
});

test('a sampler of the application sees what a span begins with, and may add to it', () => {
  const seen: unknown[] = [];
  const { tracer, spans } = ownSpans({
    sampling: createSampling(
      {
        shouldSample: (around, traceId, name, kind, attributes, links) => {
          seen.push([around, traceId, name, kind, { ...attributes }, links]);
          return {
            decision: SamplingDecision.RECORD_AND_SAMPLED,
            attributes: { a: 2, c: 3 },
            traceState: new TraceState('b=2'),
          };
        },
      },
      undefined,
    ),
  });
  const around = below(remote);
  const links = [{ context: remote, attributes: { l: 1 } }];
  const attributes = { a: 1, b: ['x'] };
  tracer.startSpan('span', { kind: SpanKind.CLIENT, attributes, links }, around).end();
  expect(seen).toEqual([[around, remote.traceId, 'span', SpanKind.CLIENT, attributes, links]]);
  const [span] = spans();
  expect(span).toMatchObject({ attributes: { a: 2, b: ['x'], c: 3 }, links, kind: SpanKind.CLIENT });
  expect(span?.spanContext().traceState?.serialize()).toBe('b=2');
  expect(attributes).toEqual({ a: 1, b: ['x'] });
});

test('a sampler that throws has nothing recorded, which is said once for all scopes', () => {
  const warnings = collectWarnings();
  const sampling = createSampling(
    {
      shouldSample: () => {
        throw new Error('broken');
      },
    },
    undefined,
  );
  const { tracer, provider } = ownSpans({ sampling });
  for (const each of [tracer, tracer, provider.getTracer('other')]) {
    expect(each.startSpan('span', {}, below(remote)).isRecording()).toBe(false);
  }
  expect(warnings).toEqual(['the sampler threw, and such spans are not recorded: Error: broken']);
});

test('a sampler may have a span recorded that is not sampled, and one that is not even recorded', () => {
  const decisions = [SamplingDecision.RECORD, SamplingDecision.NOT_RECORD];
  const { tracer } = ownSpans({
    sampling: createSampling({ shouldSample: () => ({ decision: decisions.shift()! }) }, undefined),
  });
  const [recorded, unrecorded] = [tracer.startSpan('recorded'), tracer.startSpan('unrecorded')];
  expect([recorded.isRecording(), unrecorded.isRecording()]).toEqual([true, false]);
  for (const span of [recorded, unrecorded]) expect(span.spanContext().traceFlags).toBe(TraceFlags.NONE);
});

test('spans of one scope share it, so that they are sent together', () => {
  const { tracer, spans } = ownSpans();
  tracer.startSpan('first').end();
  tracer.startSpan('second').end();
  const [first, second] = spans();
  expect(first?.instrumentationScope).toBe(second?.instrumentationScope);
  expect(first?.instrumentationScope).toEqual({ name: 'test', version: '1.0.0' });
});
