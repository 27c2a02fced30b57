import { collectSpans } from '../src/index.ts';
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
