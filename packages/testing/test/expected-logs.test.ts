import { SpanKind } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';
import type { OtlpLog } from '@org/tracing-otlp';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { LogLine } from '../src/index.ts';
import { type ExpectedLog, traceMatchers } from '../src/vitest.ts';
import { failureOf } from './failure-of.ts';
import { hex, record } from './span-records.ts';

expect.extend(traceMatchers);

// The width of whoever runs the tests is none of theirs.
beforeEach(() => {
  vi.stubEnv('COLUMNS', '120');
  vi.stubEnv('NO_COLOR', '1');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const trace: SpanRecord[] = [
  record(1, undefined, 'POST /orders', { kind: SpanKind.SERVER, serviceName: 'orders' }),
  record(2, 1, 'GET', { kind: SpanKind.CLIENT, serviceName: 'orders' }),
  record(3, 2, 'GET /stock/:sku', { kind: SpanKind.SERVER, serviceName: 'stock' }),
];

function line(span: number, level: string, message: string, fields: object = {}): LogLine {
  return { level, message, trace_id: hex(1, 32), span_id: hex(span, 16), ...fields };
}

const logs = [
  line(1, 'INFO', 'order of 2 anvil', { sku: 'anvil', quantity: 2 }),
  line(3, 'INFO', '12 pieces of anvil', { exception: { type: 'None', stack: '…' } }),
  line(3, 'WARN', 'stock is low'),
  line(9, 'INFO', 'of a span that is not here'),
  { ...line(3, 'INFO', 'of another trace'), trace_id: hex(2, 32) },
  { level: 'INFO', message: 'ready', trace_id: hex(0, 32), span_id: hex(0, 16) },
];

const ANVIL = /anvil/g;

const there: [what: string, expected: ExpectedLog | ExpectedLog[]][] = [
  ['message', { message: 'stock is low' }],
  ['part of a message', { message: /pieces/ }],
  ['level, in either case', { level: 'warn' }],
  ['name of its span', { span: 'GET /stock/:sku', message: 'stock is low' }],
  ['service of its span', { service: 'orders', message: /order/ }],
  ['fields', { fields: { sku: 'anvil', quantity: expect.any(Number) } }],
  ['keys of a field', { fields: { exception: { type: /^N/ } } }],
  ['lines of its own, whichever comes first', [{ service: 'stock' }, { message: /pieces/ }]],
  ['an expression that goes on where it ended', [{ message: ANVIL }, { message: ANVIL }]],
  ['any line', {}],
];
test.each(there)('a log line is found by %s', (_what, expected) => {
  expect(trace).toHaveLogs(logs, expected);
  expect(failureOf(() => expect(trace).not.toHaveLogs(logs, expected))).toContain(
    'expected no such log line in the trace, and found:\n  ',
  );
});

const absent: [what: string, expected: ExpectedLog][] = [
  ['another message', { message: 'stock' }],
  ['another level', { level: 'ERROR' }],
  ['another span', { message: 'stock is low', span: 'GET' }],
  ['another service', { message: 'stock is low', service: 'orders' }],
  ['another field', { fields: { sku: 'rocket' } }],
  ['a line of another trace', { message: 'of another trace' }],
  ['a line of no span', { message: 'ready' }],
  ['a line of a span that is not here', { message: /not here/ }],
  ['a date', { fields: { exception: new Date(0) } }],
  ['a map', { fields: { exception: new Map([['type', 'None']]) } }],
];
test.each(absent)('%s is not found', (_what, expected) => {
  expect(trace).not.toHaveLogs(logs, expected);
  expect(() => expect(trace).toHaveLogs(logs, expected)).toThrow('in the trace; missing:\n  ');
});

test('one line does for one expectation only', () => {
  const twice = { message: 'stock is low' };
  expect(failureOf(() => expect(trace).toHaveLogs(logs, [twice, twice]))).toContain(
    '1 line like it, and more are expected',
  );
});

test('negated, none of the lines may be there', () => {
  expect(trace).not.toHaveLogs(logs, [{ level: 'ERROR' }, { level: 'FATAL' }]);
  expect(() => expect(trace).not.toHaveLogs(logs, [{ level: 'ERROR' }, { level: 'WARN' }])).toThrow(
    'and found:\n  WARN\n',
  );
});

test('lines of pino, of Elastic and of Google Cloud, and OTLP records are read too', () => {
  const ids = { traceId: hex(1, 32), spanId: hex(3, 16) };
  const otlp: OtlpLog = {
    ...ids,
    timeUnixNano: 0n,
    severityNumber: 13,
    severityText: '',
    body: 'by OTLP',
    attributes: { sku: 'anvil' },
    serviceName: 'stock',
    resourceAttributes: {},
  };
  const others = [
    { level: 40, msg: 'by pino', trace_id: ids.traceId, span_id: ids.spanId },
    { 'log.level': 'warn', message: 'by Elastic', 'trace.id': ids.traceId, 'span.id': ids.spanId },
    {
      severity: 'WARNING',
      message: 'by Google',
      'logging.googleapis.com/trace': `projects/shop/traces/${ids.traceId}`,
      'logging.googleapis.com/spanId': ids.spanId,
    },
    otlp,
  ];
  const wanted = ['by pino', 'by Elastic', 'by Google', 'by OTLP'].map((message) => ({
    level: 'WARN',
    span: 'GET /stock/:sku',
    message,
  }));
  expect(trace).toHaveLogs(others, wanted);
  expect(trace).toHaveLogs(others, { fields: { sku: 'anvil' } });
});

test('a failure draws the tree with the lines that there are, and says where one like it is instead', () => {
  const failure = failureOf(() =>
    expect(trace).toHaveLogs(logs, [
      { level: 'INFO', message: /^order/ },
      { level: 'ERROR', message: 'stock is low', span: 'GET /stock/:sku', service: 'stock' },
      { message: 'stock is low', span: 'POST /orders' },
      { message: 'ready' },
      { message: 'of another trace' },
      { level: 'ERROR', message: /refused/, fields: { sku: 'anvil' } },
    ]),
  );
  expect(failure).toMatchInlineSnapshot(`
    "expected 6 log lines in the trace; missing:
      ERROR "stock is low" below "GET /stock/:sku" (stock)
        a line with this message has the level WARN
      a line "stock is low" below "POST /orders"
        a line that says so is below "GET /stock/:sku" (stock)
      a line "ready"
        a line that says so has no trace id: it was written outside of any span, or its logger is not set up
          (\`configureLogging\`)
      a line "of another trace"
        a line that says so belongs to span 0000000000000003 of trace 00000000000000000000000000000002, which is not here
      ERROR /refused/ with {"sku":"anvil"}

    trace 00000000000000000000000000000001 · 3 spans · 2 services · 98.0 ms
    orders  POST /orders           SERVER  98.0 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
            │  ! missing: a line "stock is low"
            │  · INFO  order of 2 anvil
    orders  └─ GET                 CLIENT  96.0 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
    stock      └─ GET /stock/:sku  SERVER  94.0 ms  ╺━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╸
                     ! missing: ERROR "stock is low"
                     · INFO  12 pieces of anvil
                     · WARN  stock is low
    log lines of this trace from spans not seen here:
    · INFO  of a span that is not here"
  `);
});

const wrongs: [what: string, given: unknown, expected: unknown, said: RegExp][] = [
  ['a service', { logs }, {}, /expected an array, such as `service\.logs`.*; pass its `logs`$/],
  ['text', 'INFO ready', {}, /; got string$/],
  ['arrays of lines', [logs, logs], {}, /expected an object at 0, got an array: join them/],
  ['no expectation', logs, [], /expected at least one, got an empty array/],
  ['an expression alone', logs, /ready/, /in an object, got \/ready\//],
  ['a key that means nothing', logs, { text: 'ready' }, /no key "text"; expected message, level/],
];
test.each(wrongs)('%s is a TypeError that says what to do', (_what, given, expected, said) => {
  const [lines, wanted] = [given as LogLine[], expected as ExpectedLog];
  expect(() => expect(trace).toHaveLogs(lines, wanted)).toThrow(TypeError);
  expect(() => expect(trace).not.toHaveLogs(lines, wanted)).toThrow(said);
});
