import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';
import { describe, expect, test } from 'vitest';

import { type ExpectedSpan, traceMatchers } from '../src/vitest.ts';
import { hex, record } from './span-records.ts';

expect.extend(traceMatchers);

const hop: SpanRecord[] = [
  record(1, undefined, 'POST /dispatch', { kind: SpanKind.SERVER, serviceName: 'dispatcher' }),
  record(2, 1, 'POST', { kind: SpanKind.CLIENT, serviceName: 'dispatcher' }),
  record(3, 2, 'POST /command', {
    kind: SpanKind.SERVER,
    serviceName: 'commander',
    status: { code: SpanStatusCode.ERROR },
    attributes: { 'http.route': '/command', 'http.response.status_code': 500 },
  }),
];
const expectedHop = {
  service: 'dispatcher',
  kind: 'SERVER',
  name: 'POST /dispatch',
  status: 'UNSET',
  children: [
    {
      kind: 'CLIENT',
      name: 'POST',
      children: [
        {
          service: 'commander',
          name: 'POST /command',
          status: 'ERROR',
          attributes: { 'http.route': '/command' },
        },
      ],
    },
  ],
} satisfies ExpectedSpan;

function failureOf(assertion: () => void): string {
  try {
    assertion();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the assertion holds');
}

describe('toMatchTraceTree', () => {
  test('a trace matches its tree, in whatever order its spans arrived', () => {
    expect(hop).toMatchTraceTree(expectedHop);
    expect(hop.toReversed()).toMatchTraceTree([expectedHop]);
  });

  test('children match in any order, and each only once', () => {
    const twins = [
      record(1, undefined, 'root'),
      record(2, 1, 'call', { attributes: { to: 'a', retry: true } }),
      record(3, 1, 'call', { attributes: { to: 'b' } }),
    ];
    const root = (...children: ExpectedSpan[]) => ({ name: 'root', children });
    const [any, a, b] = [{}, { to: 'a' }, { to: 'b' }].map((attributes) => ({ name: 'call', attributes }));
    expect(twins).toMatchTraceTree(root(b!, a!));
    // The first expected span fits both; the second only one of them.
    expect(twins).toMatchTraceTree(root(any!, a!));
    expect(twins).not.toMatchTraceTree(root(a!, a!));
  });

  test('attributes may be asymmetric matchers', () => {
    const wanted = { name: 'x', attributes: { port: expect.any(Number) } };
    expect([record(1, undefined, 'x', { attributes: { port: 80 } })]).toMatchTraceTree(wanted);
    expect([record(1, undefined, 'x', { attributes: { port: '80' } })]).not.toMatchTraceTree(wanted);
  });

  const differences: [what: string, spans: SpanRecord[]][] = [
    ['another name', [record(1, undefined, 'y', { serviceName: 'a' })]],
    ['another service', [record(1, undefined, 'x', { serviceName: 'b' })]],
    ['another kind', [record(1, undefined, 'x', { serviceName: 'a', kind: SpanKind.CLIENT })]],
    [
      'another status',
      [record(1, undefined, 'x', { serviceName: 'a', status: { code: SpanStatusCode.OK } })],
    ],
    ['a child too many', [record(1, undefined, 'x', { serviceName: 'a' }), record(2, 1, 'y')]],
    ['two roots', [record(1, undefined, 'x', { serviceName: 'a' }), record(2, undefined, 'x')]],
    ['the same span twice', [record(1, undefined, 'x', { serviceName: 'a' }), record(1, undefined, 'x')]],
    [
      'a span of another trace',
      [record(1, undefined, 'x', { serviceName: 'a' }), record(2, 1, 'y', { trace: 2 })],
    ],
    ['nothing', []],
  ];
  for (const [what, spans] of differences) {
    test(`${what} does not match`, () => {
      const wanted = { name: 'x', service: 'a', kind: 'INTERNAL', status: 'UNSET' } as const;
      expect([record(1, undefined, 'x', { serviceName: 'a' })]).toMatchTraceTree(wanted);
      expect(spans).not.toMatchTraceTree(wanted);
    });
  }

  test('a failure prints both trees, with a note at each difference', () => {
    const got = [
      ...hop.with(2, {
        ...hop[2]!,
        attributes: { 'http.route': '/other' },
        status: { code: SpanStatusCode.UNSET },
      }),
      record(4, 1, 'GET', { kind: SpanKind.CLIENT, serviceName: 'dispatcher' }),
    ];
    const wanted = {
      ...expectedHop,
      children: [...expectedHop.children, { name: 'PUT' }, { name: 'DELETE' }],
    };
    expect(failureOf(() => expect(got).toMatchTraceTree(wanted))).toMatchInlineSnapshot(
      `
      "expected the trace tree to match

      Expected:
      dispatcher  POST /dispatch         SERVER
                  │  ! status UNSET
                  ├─ POST                CLIENT
      commander   │  └─ ✗ POST /command
                  │        ! status ERROR
                  │        ! http.route: "/command"
                  ├─ PUT
                  └─ DELETE

      Received:
      trace 00000000000000000000000000000001 · 4 spans · 2 services · 98.0 ms
      dispatcher  POST /dispatch       SERVER  98.0 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
                  │  ! missing below: DELETE
      dispatcher  ├─ POST              CLIENT  96.0 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
      commander   │  └─ POST /command  SERVER  94.0 ms  ╺━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╸
                  │        ! status: expected "ERROR", got "UNSET"
                  │        ! http.route: expected "/command", got "/other"
      dispatcher  └─ GET               CLIENT  92.0 ms   ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
                        ! name: expected "PUT", got "GET""
    `,
    );
  });

  test('a failure says what a tree cannot show: spans with an id that is there already', () => {
    const twice = [record(1, undefined, 'x'), record(1, undefined, 'x')];
    expect(failureOf(() => expect(twice).toMatchTraceTree({ name: 'x' }))).toMatchInlineSnapshot(
      `
      "expected the trace tree to match

      Expected:
      x

      Received:
      trace 00000000000000000000000000000001 · 1 span · 98.0 ms
        1 more with the span id of another, or of another trace
      shop  x  INTERNAL  98.0 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━"
    `,
    );
  });

  test('a negated match that fails prints the tree', () => {
    const negated = () => expect(hop).not.toMatchTraceTree(expectedHop);
    expect(failureOf(negated)).toMatchInlineSnapshot(`
      "expected another trace tree than this one

      trace 00000000000000000000000000000001 · 3 spans · 2 services · 98.0 ms · 1 error
      dispatcher  POST /dispatch         SERVER  98.0 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
      dispatcher  └─ POST                CLIENT  96.0 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
      commander      └─ ✗ POST /command  SERVER  94.0 ms  ╺━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╸"
    `);
  });
});

describe('toBeContinuous', () => {
  test('one trace with one root, every parent and the times in order is continuous', () => {
    expect(hop).toBeContinuous();
  });

  const faults: [what: string, spans: SpanRecord[], fault: string][] = [
    ['no span', [], 'expected one trace id, got 0'],
    ['two trace ids', [hop[0]!, record(2, 1, 'x', { trace: 2 })], 'expected one trace id, got 2'],
    ['two roots', [record(1, undefined, 'x'), record(2, undefined, 'y')], 'got 2: "x" (shop), "y" (shop)'],
    [
      'a parent that is not there',
      [record(1, undefined, 'x'), record(3, 2, 'y')],
      '"y" (shop): its parent 0000000000000002 is not there',
    ],
    [
      'an id twice',
      [record(1, undefined, 'x'), record(2, 1, 'y'), record(2, 1, 'y')],
      '"y" (shop): its id 0000000000000002 is there twice',
    ],
    [
      'a child that starts too early',
      [record(1, undefined, 'x', { start: 10 }), record(2, 1, 'y', { start: 7 })],
      '"y" (shop) starts 3 ms before its parent "x" (shop)',
    ],
    [
      'a child that ends too late',
      [record(1, undefined, 'x', { end: 50 }), record(2, 1, 'y', { end: 53 })],
      '"y" (shop) ends 3 ms after its parent "x" (shop)',
    ],
  ];
  for (const [what, spans, fault] of faults) {
    test(`${what} is said`, () => {
      expect(failureOf(() => expect(spans).toBeContinuous())).toContain(fault);
    });
  }

  test('a remote parent that is declared counts as there', () => {
    const below = [record(2, 1, 'x'), record(3, 2, 'y')];
    expect(below).toBeContinuous({ remoteParents: [hex(1, 16)] });
    expect(below).not.toBeContinuous();
  });

  test('times of two processes are compared where they read one clock, within the tolerance', () => {
    const late = [
      record(1, undefined, 'x', { end: 50 }),
      record(2, 1, 'y', { end: 60, serviceName: 'other' }),
    ];
    expect(late).toBeContinuous();
    expect(late).not.toBeContinuous({ sameClock: true });
    expect(late).toBeContinuous({ sameClock: true, toleranceMillis: 10 });
  });
});
