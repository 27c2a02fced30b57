import { SpanKind } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { type HopOptions, traceMatchers } from '../src/vitest.ts';
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

const { SERVER, CLIENT, INTERNAL } = SpanKind;
const ANSWERED = { 'http.response.status_code': 200, 'server.address': 'b.internal', 'server.port': 80 };

function span(
  id: number,
  parent: number | undefined,
  kind: SpanKind,
  serviceName: string,
  more = {},
): SpanRecord {
  return record(id, parent, `${SpanKind[kind]} ${id}`, { kind, serviceName, ...more });
}

const entry = span(1, undefined, SERVER, 'a');
const call = span(2, 1, CLIENT, 'a', { attributes: ANSWERED });
const answer = span(3, 2, SERVER, 'b');

const wholes: [what: string, spans: SpanRecord[], options?: HopOptions][] = [
  ['one request', [entry]],
  ['one call', [entry, call, answer]],
  ['a query, which no service answers', [entry, call, answer, span(4, 3, CLIENT, 'b')]],
  [
    'a call that nobody answered',
    [entry, span(2, 1, CLIENT, 'a', { attributes: { 'server.address': 'b' } })],
  ],
  ['spans within a service', [entry, span(5, 1, INTERNAL, 'a'), span(2, 5, CLIENT, 'a'), answer]],
  ['a call to a server that is not traced', [entry, call], { untraced: ['b.internal'] }],
  ['a call to a port that is not traced', [entry, call], { untraced: ['b.internal:80'] }],
  [
    'a client that makes its call by another',
    [entry, call, span(3, 2, CLIENT, 'a', { attributes: ANSWERED }), span(4, 3, SERVER, 'b')],
  ],
  [
    'a message that becomes a request',
    [entry, span(2, 1, SpanKind.PRODUCER, 'a'), span(3, 2, SpanKind.CONSUMER, 'b'), span(4, 3, SERVER, 'b')],
  ],
  ['a job', [span(1, undefined, INTERNAL, 'a'), call, answer], { entry: 'INTERNAL' }],
  ['a test that is traced', [span(2, undefined, CLIENT, 'test'), answer], { entry: 'CLIENT' }],
  ['a declared remote parent', [span(2, 1, SERVER, 'a')], { remoteParents: [hex(1, 16)] }],
];
test.each(wholes)('%s has one SERVER span per hop', (_what, spans, options) => {
  expect(spans).toHaveOneServerSpanPerHop(options);
  expect(failureOf(() => expect(spans).not.toHaveOneServerSpanPerHop(options))).toContain(
    'expected a hop without a SERVER span, or with several\n\ntrace 0000',
  );
});

const faults: [what: string, spans: SpanRecord[], fault: string, cause: string][] = [
  [
    'a service whose plugin is not registered',
    [entry, call, span(3, 2, CLIENT, 'b', { attributes: {} })],
    '"CLIENT 2" (a): its hop to b has no SERVER span',
    'usually a service whose calls are traced and whose requests are not: its plugin is not registered',
  ],
  [
    'a service without set-up',
    [entry, call],
    '"CLIENT 2" (a): its hop to b.internal:80 has no SERVER span',
    'usually a service without set-up, or spans that were not sent or were lost',
  ],
  [
    'two instrumentations in one service, one below the other',
    [entry, call, answer, span(4, 3, SERVER, 'b', { scope: { name: 'agent' } })],
    'the hop by "CLIENT 2" (a) has 2 SERVER spans: "SERVER 3" (b) by test, "SERVER 4" (b) by agent',
    'usually two instrumentations of one server',
  ],
  [
    'two instrumentations at the entry, with a span between them',
    [entry, span(2, 1, INTERNAL, 'a'), span(3, 2, SERVER, 'a')],
    'the entry has 2 SERVER spans: "SERVER 1" (a) by test, "SERVER 3" (a) by test',
    'usually two instrumentations of one server',
  ],
  [
    'a gateway whose calls are not traced',
    [entry, call, answer, span(4, 2, SERVER, 'c')],
    'has 2 SERVER spans: "SERVER 3" (b) by test, "SERVER 4" (c) by test',
    'usually a service between them that hands the headers on',
  ],
  [
    'a service whose plugin is not registered, with a span of its own before its call',
    [entry, call, span(3, 2, INTERNAL, 'b'), span(4, 3, CLIENT, 'b')],
    '"CLIENT 2" (a): its hop to b has no SERVER span',
    'its plugin is not registered',
  ],
  [
    'an entry without a plugin',
    [span(2, undefined, CLIENT, 'a'), answer],
    '"CLIENT 2" (a): the trace begins with CLIENT, expected SERVER',
    'or a trace that is to begin otherwise (then say so in `entry`)',
  ],
  [
    'spans of the caller that were lost',
    [entry, answer],
    '"SERVER 3" (b): the call that led here is not there',
    'usually spans of the caller that were not sent or were lost',
  ],
  [
    'a trace that is entered twice',
    [entry, call, answer, span(4, undefined, SERVER, 'a')],
    'the trace is entered 2 times: "SERVER 1" (a), "SERVER 4" (a)',
    'usually two requests that carry one trace id',
  ],
  [
    'a SERVER span that arrived twice',
    [entry, call, answer, { ...answer }],
    `"SERVER 3" (b): its id ${hex(3, 16)} is there twice`,
    'usually two exporters or processors for one provider',
  ],
];
test.each(faults)('%s is said, with the usual cause', (_what, spans, fault, cause) => {
  const failure = failureOf(() => expect(spans).toHaveOneServerSpanPerHop());

  expect(failure).toContain(fault);
  expect(failure).toContain(cause);
  expect(spans).not.toHaveOneServerSpanPerHop();
});

test('two requests below one remote parent are two entries', () => {
  const two = [span(2, 1, SERVER, 'a'), span(3, 1, SERVER, 'a')];
  const failure = failureOf(() => expect(two).toHaveOneServerSpanPerHop({ remoteParents: [hex(1, 16)] }));
  expect(failure).toContain('the trace is entered 2 times');
  expect(failure).toContain('! a second entry of the trace');
});

test('two jobs in one trace are two entries', () => {
  const two = [span(1, undefined, INTERNAL, 'a'), span(2, undefined, INTERNAL, 'a')];
  expect(two).not.toHaveOneServerSpanPerHop({ entry: 'INTERNAL' });
});

test('a failure draws the trace, with a note at the hop', () => {
  const twice = [entry, call, answer, span(4, 3, SERVER, 'b', { scope: { name: 'agent' } })];
  expect(failureOf(() => expect(twice).toHaveOneServerSpanPerHop())).toMatchInlineSnapshot(`
    "expected one request with exactly one SERVER span for each hop:
      the hop by "CLIENT 2" (a) has 2 SERVER spans: "SERVER 3" (b) by test, "SERVER 4" (b) by agent
        usually two instrumentations of one server, such as a plugin and an agent: turn one of them off

    trace 00000000000000000000000000000001 · 4 spans · 2 services · 98.0 ms
    a  SERVER 1           SERVER  98.0 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
    a  └─ CLIENT 2        CLIENT  96.0 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
    b     └─ SERVER 3     SERVER  94.0 ms  ╺━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╸
    b        └─ SERVER 4  SERVER  92.0 ms   ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
                   ! a second SERVER span of one hop"
  `);
});
