import { type Context, propagation, ROOT_CONTEXT, type TextMapPropagator, trace } from '@opentelemetry/api';
import { garbled, hasControl, hold, hostileText } from '@org/fuzz';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { extractContext, injectContext } from '../src/carrier.ts';
import { isRequestId } from '../src/request-id-form.ts';
import { identify, requestIdIn } from '../src/request-id.ts';
import { createPropagator, PROPAGATOR_NAMES } from '../src/sdk/propagators.ts';
import { started } from './support/started.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';

/** Every header that a propagator reads, with texts that come near to what it may be. */
const HEADERS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  traceparent: garbled(`00-${TRACE_ID}-${SPAN_ID}-03`, `cc-${TRACE_ID}-${SPAN_ID}-01-what-else`),
  tracestate: garbled('rojo=00f067aa0ba902b7,congo=t61rcWkgMzE,t@v=  x'),
  baggage: garbled('user=alice;p=1;q,node=DF%2028, c = =', 'a=%E4%BD%A0,b=%FF'),
  b3: garbled(`${TRACE_ID}-${SPAN_ID}-1-${SPAN_ID}`, `${SPAN_ID}-${SPAN_ID}-d`, '0'),
  'x-b3-traceid': garbled(TRACE_ID, SPAN_ID),
  'x-b3-spanid': garbled(SPAN_ID),
  'x-b3-sampled': garbled('1', '0', 'true'),
  'x-b3-flags': garbled('1'),
  'x-amzn-trace-id': garbled(
    `Root=1-${TRACE_ID.slice(0, 8)}-${TRACE_ID.slice(8)};Parent=${SPAN_ID};Sampled=1;Lineage=1:a:0`,
  ),
};

const header = (valid: fc.Arbitrary<string>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 6, arbitrary: valid },
    { weight: 2, arbitrary: hostileText() },
    { weight: 1, arbitrary: fc.array(valid, { maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constantFrom(null, 7, {}, [], [null], true) },
  );

const headers = fc.record(
  Object.fromEntries(Object.entries(HEADERS).map(([name, valid]) => [name, header(valid)])),
  { requiredKeys: [] },
);

/** As the specifications write them, in expressions that are slow and plain. */
const SENT: Readonly<Record<string, RegExp>> = {
  traceparent: /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-0[0-3]$/,
  tracestate: /^[\x20-\x7e]+$/,
  baggage: /^[!-~]+$/,
  b3: /^[\da-f]{32}-[\da-f]{16}-[01d]$/i,
  'x-b3-traceid': /^[\da-f]{32}$/i,
  'x-b3-spanid': /^[\da-f]{16}$/i,
  'x-b3-sampled': /^[01]$/,
  'x-b3-flags': /^1$/,
  'x-amzn-trace-id': /^Root=1-[\da-f]{8}-[\da-f]{24};Parent=[\da-f]{16};Sampled=[01]$/i,
};

/** The most characters of each: 32 members of 513 and their commas; 8192 bytes of baggage. */
const LONGEST: Readonly<Record<string, number>> = { tracestate: 32 * 514, baggage: 8192 };

function checkSent(sent: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(sent)) {
    const form = SENT[name.toLowerCase()];
    if (form === undefined || !form.test(value)) throw new Error(`${name}: ${JSON.stringify(value)}`);
    expect(value.length).toBeLessThanOrEqual(LONGEST[name] ?? 100);
  }
}

function injected(propagator: TextMapPropagator, from: Context): Record<string, string> {
  const sent: Record<string, string> = {};
  propagator.inject(from, sent, { set: (into, key, value) => void (into[key] = value) });
  return sent;
}

const GETTER = {
  keys: (carrier: Record<string, unknown>) => Object.keys(carrier),
  get: (carrier: Record<string, unknown>, key: string) => carrier[key] as string | undefined,
};

for (const name of PROPAGATOR_NAMES) {
  hold(`headers: ${name} reads anything, and sends what is valid and short`, () => {
    const propagator = createPropagator([name]);
    return fc.property(headers, (incoming) => {
      const caller = propagator.extract(ROOT_CONTEXT, incoming, GETTER);
      checkSent(injected(propagator, caller));
      const spanContext = trace.getSpanContext(caller);
      if (spanContext) expect(spanContext).toMatchObject({ isRemote: true, traceId: /^[\da-f]{32}$/i });
    });
  });
}

hold('headers: all propagators at once pass on what is valid and short', () => {
  const { tracer } = started({ exporter: 'none', propagators: PROPAGATOR_NAMES });
  return fc.property(headers, (incoming) => {
    const caller = propagation.extract(ROOT_CONTEXT, incoming);
    const sent: Record<string, string> = {};
    propagation.inject(trace.setSpan(caller, tracer.startSpan('server', {}, caller)), sent);
    checkSent(sent);
  });
});

hold('carriers: whatever a message brings is read, and written into, without a throw', () => {
  started({ exporter: 'none', propagators: PROPAGATOR_NAMES });
  const text = fc.oneof(
    fc.json(),
    hostileText(),
    headers.map((each) => JSON.stringify(each)),
  );
  const bytes = headers.map((each) =>
    Object.fromEntries(
      Object.entries(each).map(([name, value]) => [name.toUpperCase(), Buffer.from(String(value))]),
    ),
  );
  const sqs = headers.map((each) =>
    Object.fromEntries(Object.entries(each).map(([name, StringValue]) => [name, { StringValue }])),
  );
  const map = headers.map((each) => new Map(Object.entries(each)));
  return fc.property(fc.oneof(text, headers, bytes, sqs, map, fc.anything()), (carrier) => {
    const from = extractContext(carrier);
    const sent = injectContext({}, from);
    checkSent(sent);
    expect(injectContext(carrier, from)).toBe(carrier);
  });
});

hold('request ids: of any text an id comes that is short and harmless', () => {
  return fc.property(fc.oneof(hostileText(), fc.anything()), (candidate) => {
    const id = requestIdIn(identify(ROOT_CONTEXT, candidate));
    if (id === undefined || !isRequestId(id) || id.length > 128 || hasControl(id))
      throw new Error(String(id));
  });
});

const MIB = 1_048_576;

test.each([
  ['traceparent', `00-${TRACE_ID}-${SPAN_ID}-03`],
  ['tracestate', ','],
  ['tracestate', 'a=1,'],
  ['baggage', ','],
  ['baggage', 'a=1,'],
  ['baggage', 'a=%20;'],
  ['baggage', ' '],
  ['b3', '0123456789abcdef'],
  ['x-amzn-trace-id', ';'],
])('a %s of 16 MiB of %s costs nothing', (name, piece) => {
  const propagator = createPropagator(PROPAGATOR_NAMES);
  const traceparent = `cc-${TRACE_ID}-${SPAN_ID}-01-`;
  const long = (name === 'traceparent' ? traceparent : '') + piece.repeat((16 * MIB) / piece.length);
  const incoming = { traceparent: `00-${TRACE_ID}-${SPAN_ID}-03`, [name]: long };
  // Once, so that the text is laid out in one piece.
  expect(Buffer.byteLength(long)).toBeGreaterThan(15 * MIB);
  const began = process.cpuUsage();
  for (let times = 0; times < 10; times++) propagator.extract(ROOT_CONTEXT, incoming, GETTER);
  const { user } = process.cpuUsage(began);
  expect(user).toBeLessThan(100_000);
});

test('a list of baggage headers is read no further than its 8192 bytes', () => {
  const propagator = createPropagator(['baggage']);
  const list = Array.from({ length: 100_000 }, () => 'x'.repeat(1000));
  const began = process.cpuUsage();
  const from = propagator.extract(ROOT_CONTEXT, { baggage: ['first=1', ...list] }, GETTER);
  expect(process.cpuUsage(began).user).toBeLessThan(50_000);
  expect(propagation.getBaggage(from)?.getAllEntries()).toEqual([['first', { value: '1' }]]);
});
