import { stripVTControlCharacters } from 'node:util';

import { SpanKind } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { type ExpectedSpan, traceMatchers } from '../src/vitest.ts';
import { failureOf } from './failure-of.ts';
import { hex, record } from './span-records.ts';

expect.extend(traceMatchers);

// A terminal in which two trees of three services find no room beside each other.
beforeEach(() => {
  vi.stubEnv('COLUMNS', '100');
  vi.stubEnv('NO_COLOR', '1');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function s(
  id: number,
  parent: number,
  name: string,
  kind: keyof typeof SpanKind,
  serviceName: string,
  start: number,
  end: number,
  attributes: SpanRecord['attributes'] = {},
  code = 0,
): SpanRecord {
  const more = { kind: SpanKind[kind], serviceName, start, end, attributes, status: { code } };
  return record(id, parent || undefined, name, more);
}

const http = (method: string, route: string, code: number): SpanRecord['attributes'] => ({
  'http.request.method': method,
  'http.route': route,
  'http.response.status_code': code,
});

/** An order that fails in the third service. */
const spans = [
  s(1, 0, 'POST /dispatch', 'SERVER', 'dispatcher', 0, 120, http('POST', '/dispatch', 502), 2),
  s(2, 1, 'load policy', 'INTERNAL', 'dispatcher', 2, 9),
  s(3, 1, 'POST', 'CLIENT', 'dispatcher', 10, 115, {
    'server.address': 'commander.internal',
    'server.port': 8080,
    'http.response.status_code': 502,
  }),
  s(4, 3, 'POST /command/:kind', 'SERVER', 'commander', 12, 113, http('POST', '/command/:kind', 502), 2),
  s(5, 4, 'GET', 'CLIENT', 'commander', 14, 60, {
    'server.address': 'inventory.internal',
    'server.port': 8080,
    'http.response.status_code': 200,
  }),
  s(6, 5, 'GET /stock/:sku', 'SERVER', 'inventory', 16, 58, http('GET', '/stock/:sku', 200)),
  s(7, 6, 'SELECT stock', 'CLIENT', 'inventory', 18, 30, {
    'db.system.name': 'postgresql',
    'db.query.text': 'SELECT pieces, reserved FROM stock WHERE sku = $1',
    'db.namespace': 'inventory',
  }),
  s(8, 6, 'SELECT reservations', 'CLIENT', 'inventory', 31, 50, {
    'db.system.name': 'postgresql',
    'db.query.text': 'SELECT count(*) FROM reservations WHERE sku = $1 AND expires > now()',
  }),
  s(
    9,
    4,
    'PUT',
    'CLIENT',
    'commander',
    62,
    110,
    { 'server.address': 'inventory.internal', 'server.port': 8080, 'http.response.status_code': 500 },
    2,
  ),
  s(
    10,
    9,
    'PUT /stock/:sku/reservation',
    'SERVER',
    'inventory',
    64,
    108,
    http('PUT', '/stock/:sku/reservation', 500),
    2,
  ),
  s(
    11,
    10,
    'UPDATE stock',
    'CLIENT',
    'inventory',
    66,
    100,
    {
      'db.system.name': 'postgresql',
      'db.query.text': 'UPDATE stock SET reserved = reserved + $1 WHERE sku = $2',
      'db.response.status_code': '23514',
    },
    2,
  ),
  s(12, 10, 'send reservation.failed', 'PRODUCER', 'inventory', 101, 105, {
    'messaging.destination.name': 'reservations',
  }),
];

const line = (span: number, level: string, message: string, fields: object = {}) => ({
  level,
  message,
  trace_id: hex(1, 32),
  span_id: hex(span, 16),
  ...fields,
});
const logs = [
  line(1, 'INFO', 'order of 2 anvil'),
  line(4, 'INFO', 'reserving 2 of anvil', { sku: 'anvil' }),
  line(6, 'INFO', '12 pieces of anvil, 11 reserved'),
  line(10, 'WARN', 'stock is low', { sku: 'anvil' }),
  line(10, 'ERROR', 'new row for relation "stock" violates check constraint "stock_reserved_check"', {
    code: '23514',
  }),
  line(4, 'ERROR', 'reservation failed'),
  line(1, 'ERROR', 'order of 2 anvil is refused'),
];

const tree: ExpectedSpan = {
  service: 'dispatcher',
  kind: 'SERVER',
  name: 'POST /dispatch',
  status: 'UNSET',
  attributes: { 'http.response.status_code': 201, 'http.route': '/dispatch' },
  children: [
    { name: 'load policy' },
    {
      kind: 'CLIENT',
      name: 'POST',
      attributes: { 'http.response.status_code': 201 },
      children: [
        {
          service: 'commander',
          kind: 'SERVER',
          name: 'POST /command/:kind',
          attributes: { 'http.response.status_code': 201 },
          children: [
            {
              kind: 'CLIENT',
              name: 'GET',
              children: [
                {
                  service: 'inventory',
                  name: 'GET /stock/:sku',
                  attributes: { 'http.response.status_code': 200 },
                  children: [
                    {
                      name: 'SELECT stock',
                      attributes: {
                        'db.query.text': 'SELECT pieces, reserved FROM stock WHERE sku = $1 FOR UPDATE',
                      },
                    },
                  ],
                },
              ],
            },
            {
              kind: 'CLIENT',
              name: 'PUT',
              children: [
                {
                  service: 'inventory',
                  name: 'PUT /stock/:sku/reservation',
                  children: [
                    { name: 'UPDATE stock' },
                    { kind: 'PRODUCER', name: 'send reservation.made' },
                    { kind: 'CLIENT', name: 'INSERT reservations' },
                  ],
                },
              ],
            },
          ],
        },
      ],
    },
  ],
};

test('a tree of three services that is not as expected: one tree, with a mark at each difference', () => {
  expect(failureOf(() => expect(spans).toMatchTraceTree(tree))).toMatchInlineSnapshot(`
    "expected the trace tree to match; 8 differences:
      "POST /dispatch" (dispatcher): status: expected "UNSET", got "ERROR"
      "POST /dispatch" (dispatcher): http.response.status_code: expected 201, got 502
      "POST" (dispatcher): http.response.status_code: expected 201, got 502
      "POST /command/:kind" (commander): http.response.status_code: expected 201, got 502
      "SELECT stock" (inventory): db.query.text:
        expected "SELECT pieces, reserved FROM stock WHERE sku = $1 FOR UPDATE"
        got      "SELECT pieces, reserved FROM stock WHERE sku = $1"
      not expected: "SELECT reservations" (inventory)
      "send reservation.failed" (inventory): name:
        expected "send reservation.made"
        got      "send reservation.failed"
      missing below "PUT /stock/:sku/reservation" (inventory): "INSERT reservations"

    trace 00000000000000000000000000000001
    ≠ differs   - missing   + not expected
    ≠ dispatcher  ✗ POST /dispatch                           SERVER
                  │  ! status: expected "UNSET", got "ERROR"
                  │  ! http.response.status_code: expected 201, got 502
      dispatcher  ├─ load policy                             INTERNAL
    ≠ dispatcher  └─ POST                                    CLIENT
                     │  ! http.response.status_code: expected 201, got 502
    ≠ commander      └─ ✗ POST /command/:kind                SERVER
                        │  ! http.response.status_code: expected 201, got 502
      commander         ├─ GET                               CLIENT
      inventory         │  └─ GET /stock/:sku                SERVER
    ≠ inventory         │     ├─ SELECT stock                CLIENT
                        │     │     ! db.query.text: expected …ERE sku = $1 FOR UPDATE", got …ERE sku =…
    + inventory         │     └─ SELECT reservations         CLIENT
      commander         └─ ✗ PUT                             CLIENT
      inventory            └─ ✗ PUT /stock/:sku/reservation  SERVER
      inventory               ├─ ✗ UPDATE stock              CLIENT
    ≠ inventory               ├─ send reservation.failed     PRODUCER
                              │     ! name: expected "send reservation.made", got "send reservation.fai…
    -                         └─ INSERT reservations         CLIENT"
  `);
});

test('on a terminal the marks have colours, and no line is wider than it', () => {
  const plain = failureOf(() => expect(spans).toMatchTraceTree(tree));
  vi.stubEnv('NO_COLOR', undefined);
  vi.stubEnv('CI', undefined);
  vi.stubEnv('TERM', 'xterm');
  vi.stubEnv('FORCE_TTY', 'true');
  const colored = failureOf(() => expect(spans).toMatchTraceTree(tree));
  expect(stripVTControlCharacters(colored)).toBe(plain);
  for (const mark of ['\u001b[33m≠', '\u001b[31m-', '\u001b[32m+']) expect(colored).toContain(mark);
  const drawn = plain.slice(plain.indexOf('trace 0')).split('\n');
  expect(drawn.filter((each) => each.length > 100)).toEqual([]);
});

test('log lines that are not there, and why', () => {
  const wanted = [
    { level: 'info', message: /reserving 3/ },
    { level: 'error', message: 'stock is low', span: 'PUT /stock/:sku/reservation' },
    { message: 'packed', service: 'worker' },
    { message: 'stock is low', span: 'PUT /stock' },
  ];
  const failure = failureOf(() => expect(spans).toHaveLogs(logs, wanted));
  expect(failure.slice(0, failure.indexOf('\n\n'))).toMatchInlineSnapshot(`
    "expected 4 log lines in the trace; missing:
      INFO /reserving 3/
      ERROR "stock is low" below "PUT /stock/:sku/reservation"
        a line with this message has the level WARN
      a line "packed" of worker
        the trace has no span of worker; its services are dispatcher, commander, inventory
      a line "stock is low" below "PUT /stock"
        the trace has no span "PUT /stock""
  `);
  expect(failureOf(() => expect(spans).toHaveLogs([{ message: 'ready' }], { message: 'steady' }))).toContain(
    'of the lines that are given (1), none is of this trace',
  );
});

test('log lines that are not to be there are shown', () => {
  const failure = failureOf(() =>
    expect(spans).not.toHaveLogs(logs, [{ level: 'error' }, { level: 'fatal' }]),
  );
  expect(failure.slice(0, failure.indexOf('\n\n'))).toMatchInlineSnapshot(`
    "expected no such log line in the trace, and found:
      ERROR
        ERROR "new row for relation \\"stock\\" violates check constraint \\"stock_reserved_check\\"" below "PUT /stock/:sku/reservation" (inventory)
        ERROR "reservation failed" below "POST /command/:kind" (commander)
        ERROR "order of 2 anvil is refused" below "POST /dispatch" (dispatcher)"
  `);
  const many = Array.from({ length: 5 }, () => line(1, 'ERROR', 'again'));
  expect(failureOf(() => expect(spans).not.toHaveLogs(many, { level: 'error' }))).toContain(
    '\n    … 2 more lines\n',
  );
});
