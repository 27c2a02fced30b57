import { stripVTControlCharacters } from 'node:util';

import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { type ExpectedSpan, traceMatchers } from '../src/vitest.ts';
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

  test('among hundreds of twins the one that differs is found at once', () => {
    const spans = Array.from({ length: 300 }, (_, index) =>
      record(index + 1, index === 0 ? undefined : 1, 'x'),
    );
    const children = Array.from({ length: 299 }, () => ({ name: 'x' }));
    expect(spans).toMatchTraceTree({ name: 'x', children });
    const other = { name: 'x', children: children.with(150, { name: 'y' }) };
    expect(failureOf(() => expect(spans).toMatchTraceTree(other))).toContain('1 difference:\n');
  });

  test('an attribute that is wanted as undefined must not be there', () => {
    const trace = [record(1, undefined, 'x', { attributes: { 'http.route': '/x' } })];
    expect(trace).toMatchTraceTree({ name: 'x', attributes: { 'url.query': undefined } });
    expect(trace).not.toMatchTraceTree({ name: 'x', attributes: { 'http.route': undefined } });
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
  ];
  for (const [what, spans] of differences) {
    test(`${what} does not match`, () => {
      const wanted = { name: 'x', service: 'a', kind: 'INTERNAL', status: 'UNSET' } as const;
      expect([record(1, undefined, 'x', { serviceName: 'a' })]).toMatchTraceTree(wanted);
      expect(spans).not.toMatchTraceTree(wanted);
    });
  }

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

  test('a failure says each difference, and draws both trees side by side with a mark at each', () => {
    expect(failureOf(() => expect(got).toMatchTraceTree(wanted))).toMatchInlineSnapshot(`
      "expected the trace tree to match; 4 differences:
        "POST /command" (commander): status: expected "ERROR", got "UNSET"
        "POST /command" (commander): http.route: expected "/command", got "/other"
        "GET" (dispatcher): name: expected "PUT", got "GET"
        missing below "POST /dispatch" (dispatcher): "DELETE"

      trace 00000000000000000000000000000001
      Expected                                  │ Received
      dispatcher  POST /dispatch         SERVER │ dispatcher  POST /dispatch       SERVER
                  ├─ POST                CLIENT │ dispatcher  ├─ POST              CLIENT
      commander   │  └─ ✗ POST /command         ≠ commander   │  └─ POST /command  SERVER
                  ├─ PUT                        ≠ dispatcher  └─ GET               CLIENT
                  └─ DELETE                     -"
    `);
  });

  test('a span that is not expected, and those below it, have no line on the other side', () => {
    const more = [...hop, record(4, 1, 'GET', { serviceName: 'stock' }), record(5, 4, 'SELECT')];
    expect(failureOf(() => expect(more).toMatchTraceTree(expectedHop))).toMatchInlineSnapshot(`
      "expected the trace tree to match; 1 difference:
        not expected: "GET" (stock), and 1 span below it

      trace 00000000000000000000000000000001
      Expected                                  │ Received
      dispatcher  POST /dispatch         SERVER │ dispatcher  POST /dispatch         SERVER
                  └─ POST                CLIENT │ dispatcher  ├─ POST                CLIENT
      commander      └─ ✗ POST /command         │ commander   │  └─ ✗ POST /command  SERVER
                                                + stock       └─ GET                 INTERNAL
                                                + shop           └─ SELECT           INTERNAL"
    `);
  });

  test('on a terminal, colours change no column', () => {
    const plain = failureOf(() => expect(got).toMatchTraceTree(wanted));
    vi.stubEnv('NO_COLOR', undefined);
    vi.stubEnv('CI', undefined);
    vi.stubEnv('TERM', 'xterm');
    vi.stubEnv('FORCE_TTY', 'true');
    const colored = failureOf(() => expect(got).toMatchTraceTree(wanted));
    expect(colored).toContain('\u001b[33m≠\u001b[39m');
    expect(stripVTControlCharacters(colored)).toBe(plain);
  });

  test('where both do not fit beside each other, they are drawn as one, with a note at each difference', () => {
    vi.stubEnv('COLUMNS', '70');
    expect(failureOf(() => expect(got).toMatchTraceTree(wanted))).toMatchInlineSnapshot(`
      "expected the trace tree to match; 4 differences:
        "POST /command" (commander): status: expected "ERROR", got "UNSET"
        "POST /command" (commander): http.route:
          expected "/command"
          got      "/other"
        "GET" (dispatcher): name: expected "PUT", got "GET"
        missing below "POST /dispatch" (dispatcher): "DELETE"

      trace 00000000000000000000000000000001
      ≠ differs   - missing   + not expected
        dispatcher  POST /dispatch       SERVER
        dispatcher  ├─ POST              CLIENT
      ≠ commander   │  └─ POST /command  SERVER
                    │        ! status: expected "ERROR", got "UNSET"
                    │        ! http.route: expected "/command", got "/other"
      ≠ dispatcher  ├─ GET               CLIENT
                    │     ! name: expected "PUT", got "GET"
      -             └─ DELETE"
    `);
  });

  test('of a long tree the differences are drawn, with what is around and above them', () => {
    const spans = [
      record(1, undefined, 'root', { start: 0, end: 900 }),
      ...Array.from({ length: 100 }, (_, index) => record(index + 2, 1, `call ${index}`)),
    ];
    const children = Array.from({ length: 100 }, (_, index) => ({ name: `call ${index}` }));
    const other = { name: 'root', children: children.with(50, { name: 'another' }) };
    expect(failureOf(() => expect(spans).toMatchTraceTree(other))).toMatchInlineSnapshot(`
      "expected the trace tree to match; 1 difference:
        "call 50" (shop): name: expected "another", got "call 50"

      trace 00000000000000000000000000000001
      Expected   │ Received
      root       │ shop  root        INTERNAL
      … 48 more spans
      ├─ call 48 │ shop  ├─ call 48  INTERNAL
      ├─ call 49 │ shop  ├─ call 49  INTERNAL
      ├─ another ≠ shop  ├─ call 50  INTERNAL
      ├─ call 51 │ shop  ├─ call 51  INTERNAL
      ├─ call 52 │ shop  ├─ call 52  INTERNAL
      … 47 more spans"
    `);
    vi.stubEnv('COLUMNS', '30');
    const below = failureOf(() => expect(spans).toMatchTraceTree(other)).split('\n');
    expect(below.length).toBeLessThan(30);
    expect(below.filter((line) => line.includes('more span'))).toEqual([
      '… 48 more spans',
      '… 47 more spans',
    ]);
  });

  test('of a long tree that was not to match, the first spans are drawn', () => {
    const spans = Array.from({ length: 100 }, (_, index) =>
      record(index + 1, index === 0 ? undefined : 1, 'x'),
    );
    const tree = { name: 'x', children: Array.from({ length: 99 }, () => ({ name: 'x' })) };
    const lines = failureOf(() => expect(spans).not.toMatchTraceTree(tree)).split('\n');
    expect(lines).toHaveLength(2 + 1 + 40 + 1);
    expect(lines.at(-1)).toBe('… 60 more spans');
  });

  test('a failure says what a tree cannot show: spans with an id that is there already', () => {
    const twice = [record(1, undefined, 'x'), record(1, undefined, 'x')];
    expect(failureOf(() => expect(twice).toMatchTraceTree({ name: 'x' }))).toMatchInlineSnapshot(`
      "expected the trace tree to match; 1 difference:
        1 span with the span id of another

      trace 00000000000000000000000000000001
      Expected │ Received
      x        │ shop  x  INTERNAL"
    `);
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
      '"y" (shop): starts 3 ms before its parent "x" (shop)',
    ],
    [
      'a child that ends too late',
      [record(1, undefined, 'x', { end: 50 }), record(2, 1, 'y', { end: 53 })],
      '"y" (shop): ends 3 ms after its parent "x" (shop)',
    ],
  ];
  for (const [what, spans, fault] of faults) {
    test(`${what} is said`, () => {
      expect(failureOf(() => expect(spans).toBeContinuous())).toContain(fault);
    });
  }

  test('a failure says each fault, what such ones usually come from, and draws the traces', () => {
    const apart = [hop[0]!, hop[1]!, { ...hop[2]!, traceId: hex(2, 32) }];
    expect(failureOf(() => expect(apart).toBeContinuous())).toMatchInlineSnapshot(`
      "expected one continuous trace:
        expected one trace id, got 2: 00000000000000000000000000000001, 00000000000000000000000000000002
          usually a call without \`traceparent\` (a client that nothing instruments, a gateway that drops headers), or work that
            is started outside of its request

      trace 00000000000000000000000000000001 · 2 spans · 98.0 ms
      dispatcher  POST /dispatch  SERVER  98.0 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
      dispatcher  └─ POST         CLIENT  96.0 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━

      trace 00000000000000000000000000000002 · 1 span · 94.0 ms · 1 error
      commander  ✗ POST /command  SERVER  94.0 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
                    ↑ parent span 0000000000000002 not seen here"
    `);
  });

  test('what faults of one kind come from is said once', () => {
    const orphans = [record(1, undefined, 'x'), record(3, 2, 'y'), record(4, 2, 'z')];
    const failure = failureOf(() => expect(orphans).toBeContinuous());
    expect(failure.match(/is not there\n/g)).toHaveLength(3);
    expect(failure.match(/usually/g)).toHaveLength(1);
  });

  test('a negated one that fails draws the trace', () => {
    expect(failureOf(() => expect(hop).not.toBeContinuous())).toContain(
      'expected a trace that is not continuous\n\ntrace 0000',
    );
  });

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
