import { type Context, context, propagation, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { InMemorySpanExporter, SamplingDecision } from '@opentelemetry/sdk-trace-node';
import { expect, test } from 'vitest';

import { W3cTraceState } from '../src/sdk/trace-state.ts';
import { otlpSink } from './support/otlp-sink.ts';
import { started } from './support/started.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';

/** The context of a request that came with these flags. */
function caller(flags: string, tracestate?: string): Context {
  const headers = { traceparent: `00-${TRACE_ID}-${SPAN_ID}-${flags}`, ...(tracestate && { tracestate }) };
  return propagation.extract(ROOT_CONTEXT, headers);
}

function sent(from: Context): Record<string, string> {
  const headers = {};
  propagation.inject(from, headers);
  return headers;
}

/** The flags of what is sent by a span. */
function flagsOf(span: Span): string | undefined {
  return sent(trace.setSpan(ROOT_CONTEXT, span))['traceparent']?.slice(-2);
}

test.each([
  ['parentbased_always_on', '00', '00'],
  ['parentbased_always_on', '01', '01'],
  ['parentbased_always_on', '02', '02'],
  ['parentbased_always_on', '03', '03'],
  ['always_on', '00', '01'],
  ['always_on', '02', '03'],
  ['always_off', '01', '00'],
  ['always_off', '03', '02'],
] as const)(
  'with %s the random flag goes from a caller with %s through children: %s',
  (sampler, incoming, outgoing) => {
    const { tracer } = started({ exporter: 'none', sampler });
    const server = tracer.startSpan('server', {}, caller(incoming));
    const child = tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, server));
    const active = tracer.startActiveSpan('active', {}, trace.setSpan(ROOT_CONTEXT, child), (span) =>
      tracer.startActiveSpan('innermost', (innermost) => {
        expect(flagsOf(innermost)).toBe(outgoing);
        return span;
      }),
    );
    expect([server, child, active].map(flagsOf)).toEqual([outgoing, outgoing, outgoing]);
    expect(active.spanContext().traceId).toBe(TRACE_ID);
  },
);

test.each([
  ['always_on', '03'],
  ['always_off', '02'],
] as const)('a trace that begins here has a random id: with %s it says %s', (sampler, flags) => {
  const { tracer } = started({ exporter: 'none', sampler });
  const root = tracer.startSpan('root');
  const child = tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, root));
  const anew = tracer.startSpan('anew', { root: true }, caller('01'));
  expect([root, child, anew].map(flagsOf)).toEqual([flags, flags, flags]);
});

test('a caller of another format says nothing of random ids, and nothing is said of its', () => {
  const { tracer } = started({ exporter: 'none', propagators: ['b3', 'tracecontext'] });
  const from = propagation.extract(ROOT_CONTEXT, { b3: `${SPAN_ID}-${SPAN_ID}-1` });
  expect(sent(trace.setSpan(ROOT_CONTEXT, tracer.startSpan('server', {}, from)))).toMatchObject({
    traceparent: expect.stringMatching(new RegExp(`^00-0{16}${SPAN_ID}-[0-9a-f]{16}-01$`)),
    b3: expect.any(String),
  });
});

test("a sampler's own trace state keeps the flag, and is sent", () => {
  const traceState = W3cTraceState.parse('sampler=1');
  const sampler = {
    shouldSample: () => ({
      decision: SamplingDecision.RECORD_AND_SAMPLED,
      ...(traceState && { traceState }),
    }),
  };
  const { tracer } = started({ exporter: 'none', sampler });
  const server = tracer.startSpan('server', {}, caller('02', 'caller=1'));
  expect(sent(trace.setSpan(ROOT_CONTEXT, server))).toEqual({
    traceparent: `00-${TRACE_ID}-${server.spanContext().spanId}-03`,
    tracestate: 'sampler=1',
  });
});

test('a span that tracing is suppressed for is sent by nothing, and the one object for all such stays as it is', () => {
  const { tracer } = started({ exporter: 'none' });
  const suppressed = suppressTracing(caller('03'));
  const span = tracer.startSpan('nothing', {}, suppressed);
  expect(span.spanContext()).toMatchObject({ traceId: '0'.repeat(32), traceFlags: 0 });
  expect(sent(suppressed)).toEqual({});
});

test('after shutdown a span goes by the flags of its caller', async () => {
  const handle = started({ exporter: 'none' });
  const from = caller('01');
  await handle.shutdown();
  expect(handle.tracer.startSpan('late', {}, from).spanContext().traceFlags).toBe(1);
});

test('propagation alone passes on what came: OTEL_SDK_DISABLED', () => {
  const { tracer } = started({}, { OTEL_SDK_DISABLED: 'true' });
  const from = caller('fe', 'b=2, a=1');
  const headers = { traceparent: `00-${TRACE_ID}-${SPAN_ID}-02`, tracestate: 'b=2,a=1' };
  expect(sent(from)).toEqual(headers);
  expect(sent(trace.setSpan(from, tracer.startSpan('nothing', {}, from)))).toEqual(headers);
  expect(context.with(from, () => tracer.startActiveSpan('nothing', () => sent(context.active())))).toEqual(
    headers,
  );
});

test.each([
  ['with a tracestate', 'a=1', 'a=1'],
  ['without', undefined, undefined],
  ['with one that is invalid', 'A=1', undefined],
])('what is exported of a caller %s has nothing empty', async (_sentence, tracestate, exported) => {
  const sink = await otlpSink();
  const memory = new InMemorySpanExporter();
  const otlp = { endpoint: sink.url, protocol: 'http/json' } as const;
  const handle = started({ exporter: ['otlp', memory], otlp });
  handle.tracer
    .startSpan('server', { links: [{ context: spanContextOf('03', tracestate) }] }, caller('03', tracestate))
    .end();
  await handle.forceFlush();
  const { body } = await sink.next();
  const [span] = JSON.parse(body.toString()).resourceSpans[0].scopeSpans[0].spans;
  // 0x300: it is known whether the parent was remote, and it was.
  expect([span.traceState, span.flags, span.links[0].traceState]).toEqual([exported, 0x301, exported]);
  expect(memory.getFinishedSpans()[0]?.spanContext().traceState?.serialize()).toBe(exported);
});

function spanContextOf(
  flags: string,
  tracestate?: string,
): NonNullable<ReturnType<typeof trace.getSpanContext>> {
  const spanContext = trace.getSpanContext(caller(flags, tracestate));
  if (spanContext === undefined) throw new Error('the caller is not valid');
  return spanContext;
}
