import { collectSpans, spanCollector, startOtlpReceiver } from '../src/index.ts';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { describe, expect, test } from 'vitest';

import {
  assertContinuous,
  assertLogs,
  assertNoLogs,
  assertOneServerSpanPerHop,
  assertTraceTree,
} from '../src/assert.ts';
import { type ExpectedSpan, traceMatchers } from '../src/vitest.ts';
import { record } from './span-records.ts';

expect.extend(traceMatchers);

type Trace = Parameters<typeof assertContinuous>[0];

const assertions: [name: string, run: (trace: Trace) => void][] = [
  ['toBeContinuous', (trace) => expect(trace).toBeContinuous()],
  ['not.toBeContinuous', (trace) => expect(trace).not.toBeContinuous()],
  ['toHaveOneServerSpanPerHop', (trace) => expect(trace).toHaveOneServerSpanPerHop()],
  ['not.toHaveOneServerSpanPerHop', (trace) => expect(trace).not.toHaveOneServerSpanPerHop()],
  ['toMatchTraceTree', (trace) => expect(trace).toMatchTraceTree({ name: 'x' })],
  ['not.toMatchTraceTree', (trace) => expect(trace).not.toMatchTraceTree({ name: 'x' })],
  ['toHaveLogs', (trace) => expect(trace).toHaveLogs([], {})],
  ['not.toHaveLogs', (trace) => expect(trace).not.toHaveLogs([], {})],
  ['assertContinuous', assertContinuous],
  ['assertOneServerSpanPerHop', assertOneServerSpanPerHop],
  ['assertTraceTree', (trace) => assertTraceTree(trace, { name: 'x' })],
  ['assertLogs', (trace) => assertLogs(trace, [], {})],
  ['assertNoLogs', (trace) => assertNoLogs(trace, [], {})],
];

const exporter = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  .getTracer('x')
  .startSpan('x')
  .end();

const wrongs: [what: string, value: unknown, said: RegExp][] = [
  ['an empty array', [], /got an empty array: no span has arrived yet.*`await receiver\.waitForTrace\(\)`/],
  ['a promise', Promise.resolve([]), /got a promise: await it\./],
  ['a collector', { spans: [] }, /got a collector: pass its `spans`/],
  ['one span', record(1, undefined, 'x'), /got one span: pass all spans/],
  ['traces', [[record(1, undefined, 'x')]], /got an array \(of several traces\?\): pass one of them; at 0/],
  ['spans of the SDK', exporter.getFinishedSpans(), /convert each with `toSpanRecord` of @org\/tracing-core/],
  ['undefined', undefined, /got undefined\./],
  ['a text', 'trace', /got a string\./],
  ['something else in it', [record(1, undefined, 'x'), { name: 'y' }], /got an object with name at 1/],
];

describe.each(assertions)('%s', (_name, run) => {
  test.each(wrongs)('%s is a TypeError that says what to do', (_what, value, said) => {
    expect(() => run(value as Trace)).toThrow(TypeError);
    expect(() => run(value as Trace)).toThrow(said);
  });
});

test.each(assertions.filter(([name]) => !name.endsWith('Continuous')))(
  '%s: spans of two traces are a TypeError that draws them and names the assertion for that',
  (_name, run) => {
    const two = [record(1, undefined, 'x'), record(2, 1, 'y', { trace: 2 })];
    expect(() => run(two)).toThrow(TypeError);
    expect(() => run(two)).toThrow(
      /got those of 2 traces.*`toBeContinuous` says where it fell apart\.\n\ntrace 0/,
    );
  },
);

const expectations: [what: string, value: unknown, said: RegExp][] = [
  ['nothing', undefined, /each span needs a name; got nothing/],
  ['no spans', [], /at least one span, got an empty array/],
  [
    'a child without a name',
    { name: 'x', children: [{ kind: 'SERVER' }] },
    /needs a name; got {"kind":"SERVER"}/,
  ],
  [
    'a key that means nothing',
    { name: 'x', childs: [] },
    /"x" has a key "childs"; expected name, service, kind/,
  ],
  [
    'a kind that is none',
    { name: 'x', kind: 'server' },
    /"x" needs a kind of INTERNAL, SERVER.*; got "server"/,
  ],
  ['a name that is no text', { name: 7 }, /each span needs a name; got {"name":7}/],
  ['a service that is no text', { name: 'x', service: 7 }, /"x" needs a text as service, got 7/],
  ['attributes in a list', { name: 'x', attributes: [] }, /"x" needs attributes in an object, got \[\]/],
  [
    'a status that is misspelt',
    { name: 'x', status: 'ERR' },
    /needs a status of UNSET, OK, ERROR; got "ERR"/,
  ],
  ['a status that is none', { name: 'x', status: 2 }, /"x" needs a status of UNSET, OK, ERROR; got 2/],
  [
    'one child without its array',
    { name: 'x', children: { name: 'y' } },
    /"x" needs children in an array, got/,
  ],
];
test.each(expectations)('an expected tree: %s is a TypeError that says what may be', (_what, value, said) => {
  const trace = [record(1, undefined, 'x')];
  expect(() => expect(trace).toMatchTraceTree(value as ExpectedSpan)).toThrow(TypeError);
  expect(() => expect(trace).not.toMatchTraceTree(value as ExpectedSpan)).toThrow(said);
});

test('spans of a collector and of an OTLP receiver are taken as they come', async () => {
  await using spans = collectSpans();
  spans.tracer.startSpan('x').end();
  expect(spans.spans).toBeContinuous();
  expect(spans.spans).toMatchTraceTree({ name: /^x$/ });
});

test('of a log line, a wanted value that is undefined is a TypeError that names it: it would hold where nothing is there', () => {
  const trace = [record(1, undefined, 'x')];
  const nothing = undefined as unknown as string;
  expect(() => assertLogs(trace, [], { message: nothing })).toThrow(
    new TypeError('expected log lines: message is undefined; leave it out, or expect a value'),
  );
  expect(() => assertNoLogs(trace, [], { fields: { order: { id: nothing } } })).toThrow(
    new TypeError('expected log lines: fields.order.id is undefined; leave it out, or expect a value'),
  );
});

const options: [what: string, run: (trace: Trace) => void, said: RegExp][] = [
  [
    'toBeContinuous: a key that means nothing',
    (trace) => expect(trace).toBeContinuous({ tolerance: 5 } as object),
    /continuous: no option "tolerance"; expected remoteParents, toleranceMillis, sameClock$/,
  ],
  [
    'not.toBeContinuous: a parent that is no span id',
    (trace) => expect(trace).not.toBeContinuous({ remoteParents: ['1'] }),
    /continuous: remoteParents: expected span ids of 16 lower-case hex digits in an array, got \["1"\]/,
  ],
  [
    'toBeContinuous: a tolerance that is no number',
    (trace) => assertContinuous(trace, { toleranceMillis: '5' as unknown as number }),
    /continuous: toleranceMillis: expected milliseconds, got "5"/,
  ],
  [
    'toBeContinuous: a clock that is no answer',
    (trace) => assertContinuous(trace, { sameClock: 'no' as unknown as boolean }),
    /continuous: sameClock: expected true or false, got "no"/,
  ],
  [
    'not.toHaveOneServerSpanPerHop: a kind that is misspelt',
    (trace) => expect(trace).not.toHaveOneServerSpanPerHop({ entry: 'Server' as 'SERVER' }),
    /one SERVER span per hop: entry: expected INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER, got "Server"/,
  ],
  [
    'toHaveOneServerSpanPerHop: a key that means nothing',
    (trace) => assertOneServerSpanPerHop(trace, { untracked: [] } as object),
    /one SERVER span per hop: no option "untracked"; expected entry, untraced, remoteParents$/,
  ],
  [
    'toHaveOneServerSpanPerHop: one host without its array',
    (trace) => assertOneServerSpanPerHop(trace, { untraced: 'b' as unknown as string[] }),
    /untraced: expected names of hosts in an array, got "b"/,
  ],
  [
    'toHaveOneServerSpanPerHop: options that are none',
    (trace) => assertOneServerSpanPerHop(trace, 'SERVER' as unknown as object),
    /one SERVER span per hop: expected options in an object, got "SERVER"/,
  ],
];
test.each(options)('%s is a TypeError that says what may be', (_what, run, said) => {
  const trace = [record(1, undefined, 'x')];
  expect(() => run(trace)).toThrow(TypeError);
  expect(() => run(trace)).toThrow(said);
});

const levels: [level: unknown, said: RegExp][] = [
  [
    'WRAN',
    /no level "WRAN"; expected TRACE, DEBUG, INFO, WARN, ERROR, FATAL, .* or one of your own in `fields`$/,
  ],
  [40, /no level 40;/],
  ['', /no level "";/],
];
test.each(levels)('of a log line, the level %o is a TypeError, in both directions', (level, said) => {
  const trace = [record(1, undefined, 'x')];
  const log = { level } as { level: string };
  for (const assertion of [
    () => assertLogs(trace, [], log),
    () => assertNoLogs(trace, [], log),
    () => expect(trace).toHaveLogs([], log),
    () => expect(trace).not.toHaveLogs([], [{ level: 'error' }, log]),
  ]) {
    expect(assertion).toThrow(TypeError);
    expect(assertion).toThrow(said);
  }
});

test.each([
  [{ message: 7 }, /expected a text as message, got 7/],
  [{ service: true }, /expected a text as service, got true/],
  [{ fields: 'sku' }, /expected fields in an object, got "sku"/],
])('of a log line, %o is a TypeError', (log, said) => {
  const trace = [record(1, undefined, 'x')];
  expect(() => assertNoLogs(trace, [], log as object)).toThrow(said);
});

test.each([
  [{ spancount: 3 }, /waitForTrace: no option "spancount"; expected traceId, spanCount/],
  [{ spanCount: 0 }, /waitForTrace: spanCount: expected a number of spans, got 0/],
  [{ traceId: 'ABC' }, /waitForTrace: traceId: expected 32 lower-case hex digits, got "ABC"/],
  [{ where: true }, /waitForTrace: where: expected a function, got true/],
  [{ remoteParents: 'none' }, /waitForTrace: remoteParents: expected span ids/],
  [{ timeoutMillis: '1' }, /waitForTrace: timeoutMillis: expected milliseconds below 2\^31, got "1"/],
])('a trace that cannot come is not waited for: %o', async (wanted, said) => {
  const waiting = spanCollector().waitForTrace(wanted as object);
  await expect(waiting).rejects.toThrow(TypeError);
  await expect(waiting).rejects.toThrow(said);
});

test('options of what collects are checked as well', async () => {
  const { waitForSpans } = spanCollector();
  await expect(waitForSpans('3' as unknown as number)).rejects.toThrow(
    /expected a number of spans, or a function/,
  );
  await expect(waitForSpans(3, { timeout: 5 } as object)).rejects.toThrow(
    /waitForSpans: no option "timeout"/,
  );
  await expect(startOtlpReceiver({ prot: 1 } as object)).rejects.toThrow(
    /startOtlpReceiver: no option "prot"/,
  );
  expect(() => collectSpans({ name: 'x' } as object)).toThrow(/collectSpans: no option "name"/);
});
