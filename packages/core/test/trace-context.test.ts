import {
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  trace,
  type TraceState,
} from '@opentelemetry/api';
import { expect, test } from 'vitest';

import { TraceContextPropagator } from '../src/sdk/trace-context-propagator.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';
const VALID = `00-${TRACE_ID}-${SPAN_ID}-01`;

const propagator = new TraceContextPropagator();

type Headers = Readonly<Record<string, string | string[]>>;

function extract(headers: Headers): ReturnType<typeof trace.getSpanContext> {
  return trace.getSpanContext(propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter));
}

/** What a service that makes no span of its own sends on. */
function pass(headers: Headers): Record<string, string> {
  const sent: Record<string, string> = {};
  const context = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
  propagator.inject(context, sent, defaultTextMapSetter);
  return sent;
}

test('traceparent and tracestate are read into the context of a remote span', () => {
  const { traceState, ...spanContext } = extract({ traceparent: VALID, tracestate: 'a=1' }) ?? {};
  expect(spanContext).toEqual({ traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1, isRemote: true });
  expect(traceState?.serialize()).toBe('a=1');
  expect(extract({ traceparent: VALID })).not.toHaveProperty('traceState');
  expect(propagator.fields()).toEqual(['traceparent', 'tracestate']);
});

test.each([
  ['sampled', VALID, VALID],
  ['not sampled', `00-${TRACE_ID}-${SPAN_ID}-00`, `00-${TRACE_ID}-${SPAN_ID}-00`],
  ['random', `00-${TRACE_ID}-${SPAN_ID}-02`, `00-${TRACE_ID}-${SPAN_ID}-02`],
  ['sampled and random', `00-${TRACE_ID}-${SPAN_ID}-03`, `00-${TRACE_ID}-${SPAN_ID}-03`],
  ['unknown flags', `00-${TRACE_ID}-${SPAN_ID}-fc`, `00-${TRACE_ID}-${SPAN_ID}-00`],
  ['all flags', `00-${TRACE_ID}-${SPAN_ID}-ff`, `00-${TRACE_ID}-${SPAN_ID}-03`],
  ['a later version', `01-${TRACE_ID}-${SPAN_ID}-01`, VALID],
  ['the last version', `fe-${TRACE_ID}-${SPAN_ID}-01`, VALID],
  ['a later version with more', `cc-${TRACE_ID}-${SPAN_ID}-01-what-the-future-will-be-like`, VALID],
  ['a later version with nothing behind the dash', `cc-${TRACE_ID}-${SPAN_ID}-01-`, VALID],
  ['an array of one', [VALID], VALID],
  ['white space around it', ` \t${VALID}\t `, VALID],
])('a valid traceparent, %s', (_sentence, traceparent, expected) => {
  expect(pass({ traceparent, tracestate: 'a=1' })).toEqual({ traceparent: expected, tracestate: 'a=1' });
});

test.each<[string, string | string[]]>([
  ['empty', ''],
  ['only white space', '   '],
  ['two in an array', [VALID, VALID]],
  ['none in an array', []],
  ['two joined', `${VALID}, ${VALID}`],
  ['two joined without a space', `${VALID},${VALID}`],
  ['two of a later version joined', `cc-${TRACE_ID}-${SPAN_ID}-01-x, cc-${TRACE_ID}-${SPAN_ID}-01-x`],
  ['no dashes', VALID.replaceAll('-', '')],
  ['another separator', VALID.replaceAll('-', '_')],
  ['version ff', `ff-${TRACE_ID}-${SPAN_ID}-01`],
  ['version ff with more', `ff-${TRACE_ID}-${SPAN_ID}-01-more`],
  ['version of one digit', `0-${TRACE_ID}-${SPAN_ID}-01`],
  ['version of three digits', `000-${TRACE_ID}-${SPAN_ID}-01`],
  ['version in upper case', `CC-${TRACE_ID}-${SPAN_ID}-01`],
  ['version not hexadecimal', `0.-${TRACE_ID}-${SPAN_ID}-01`],
  ['version 00 with more', `${VALID}-more`],
  ['version 00 with a dash behind', `${VALID}-`],
  ['version 00 with a character behind', `${VALID}.`],
  ['a later version with more but no dash', `cc-${TRACE_ID}-${SPAN_ID}-01.more`],
  ['a later version, too short', `cc-${TRACE_ID}-${SPAN_ID}-0`],
  ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN_ID}-01`],
  ['a span id of zeros', `00-${TRACE_ID}-${'0'.repeat(16)}-01`],
  ['a trace id in upper case', `00-${TRACE_ID.toUpperCase()}-${SPAN_ID}-01`],
  ['a span id in upper case', `00-${TRACE_ID}-${SPAN_ID.toUpperCase()}-01`],
  ['flags in upper case', `00-${TRACE_ID}-${SPAN_ID}-0A`],
  ['a trace id with another character', `00-${TRACE_ID.replace('a', 'g')}-${SPAN_ID}-01`],
  ['a trace id with a digit of another script', `00-${TRACE_ID.replace('0', '٠')}-${SPAN_ID}-01`],
  ['a trace id too short', `00-${TRACE_ID.slice(1)}-${SPAN_ID}-01`],
  ['a trace id too long', `00-0${TRACE_ID}-${SPAN_ID}-01`],
  ['a span id too short', `00-${TRACE_ID}-${SPAN_ID.slice(1)}-01`],
  ['a span id too long', `00-${TRACE_ID}-0${SPAN_ID}-01`],
  ['flags not hexadecimal', `00-${TRACE_ID}-${SPAN_ID}-.1`],
  ['flags of one digit', `00-${TRACE_ID}-${SPAN_ID}-1`],
  ['flags of three digits', `00-${TRACE_ID}-${SPAN_ID}-001`],
  ['white space inside', `00- ${TRACE_ID.slice(1)}-${SPAN_ID}-01`],
  ['a line break at the end', `${VALID}\n`],
  ['a space that HTTP does not know', `\u00a0${VALID}`],
  ['very long', `cc${VALID.slice(2)}${'x'.repeat(100_000)}`],
])('an invalid traceparent is ignored, and tracestate with it: %s', (_sentence, traceparent) => {
  expect(pass({ traceparent, tracestate: 'a=1' })).toEqual({});
});

test('tracestate alone is ignored', () => {
  expect(pass({ tracestate: 'a=1' })).toEqual({});
});

test('a carrier that holds something else than text is as good as empty', () => {
  const carrier = { traceparent: [17], tracestate: {} } as never;
  expect(extract(carrier)).toBeUndefined();
  expect(pass({ traceparent: VALID, tracestate: 5 as never })).toEqual({ traceparent: VALID });
});

/** What is sent for a span context that the application made itself. */
function inject(traceId: string, spanId: string, traceFlags: number, tracestate?: string): unknown {
  const sent = {};
  const traceState = tracestate === undefined ? undefined : foreignState(tracestate);
  const spanContext = { traceId, spanId, traceFlags, ...(traceState && { traceState }) };
  propagator.inject(trace.setSpanContext(ROOT_CONTEXT, spanContext), sent, defaultTextMapSetter);
  return sent;
}

function foreignState(text: string): TraceState {
  return { serialize: () => text } as TraceState;
}

test.each([
  ['unknown flags', [TRACE_ID, SPAN_ID, 0xff], { traceparent: `00-${TRACE_ID}-${SPAN_ID}-03` }],
  ['ids in upper case', [TRACE_ID.toUpperCase(), SPAN_ID.toUpperCase(), 1], { traceparent: VALID }],
  ['ids of zeros', ['0'.repeat(32), '0'.repeat(16), 1], {}],
  ['ids of another length', ['abc', 'abc', 1], {}],
  [
    'flags that are no number',
    [TRACE_ID, SPAN_ID, Number.NaN],
    { traceparent: `00-${TRACE_ID}-${SPAN_ID}-00` },
  ],
  ['a foreign trace state', [TRACE_ID, SPAN_ID, 1, 'b=2,a=1'], { traceparent: VALID, tracestate: 'b=2,a=1' }],
  ['a foreign trace state that is empty', [TRACE_ID, SPAN_ID, 1, ''], { traceparent: VALID }],
  ['a foreign trace state that is invalid', [TRACE_ID, SPAN_ID, 1, 'a=1,B=2'], { traceparent: VALID }],
  ['a line break in a foreign trace state', [TRACE_ID, SPAN_ID, 1, 'a=1\r\nx: y'], { traceparent: VALID }],
] as const)("only what is valid is sent of the application's own: %s", (_sentence, given, expected) => {
  expect(inject(...(given as unknown as [string, string, number]))).toEqual(expected);
});
