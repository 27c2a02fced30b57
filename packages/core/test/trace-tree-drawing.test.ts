import { stripVTControlCharacters } from 'node:util';

import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { expect, test } from 'vitest';

import { drawTraceTree, drawTraceTreeBlocks } from '../src/trace-tree-drawing.ts';
import { columns } from '../src/trace-tree-text.ts';
import { buildTraceTree } from '../src/trace-tree.ts';
import { id, makeSpanRecord, TRACE_ID } from './make-span-record.ts';

const chain = [
  makeSpanRecord(1, undefined, [0, 48.2], {
    name: 'POST /dispatch',
    kind: SpanKind.SERVER,
    serviceName: 'dispatcher',
  }),
  makeSpanRecord(2, 1, [2.1, 46.2], { name: 'POST', kind: SpanKind.CLIENT, serviceName: 'dispatcher' }),
  makeSpanRecord(3, 2, [4, 44], { name: 'POST /command', kind: SpanKind.SERVER, serviceName: 'commander' }),
  makeSpanRecord(4, 3, [5, 5.82], { name: 'GET', kind: SpanKind.CLIENT, serviceName: 'commander' }),
  makeSpanRecord(5, 3, [25, 25.82], {
    name: 'GET',
    kind: SpanKind.CLIENT,
    serviceName: 'commander',
    status: { code: SpanStatusCode.ERROR, message: 'connect ECONNREFUSED 127.0.0.1:9' },
    attributes: { 'error.type': 'ECONNREFUSED' },
  }),
];

const logs = [
  { traceId: TRACE_ID, spanId: id(1), level: 'INFO', message: 'dispatching order 7' },
  { traceId: TRACE_ID, spanId: id(3), level: 'INFO', message: 'command received' },
  { traceId: TRACE_ID, spanId: id(3), level: 'ERROR', message: 'no answer from inventory' },
  { traceId: 'f'.repeat(32), spanId: id(3), level: 'INFO', message: 'of another trace' },
];

test('a trace is drawn as a tree: service, name, kind, duration, offset bar, error mark, log lines beneath', () => {
  expect(`\n${drawTraceTree(buildTraceTree(chain), { width: 80, logs })}\n`).toBe(`
trace 4bf92f3577b34da6a3ce929d0e0e4736 · 5 spans · 2 services · 48.2 ms
  1 error
dispatcher  POST /dispatch       SERVER  48.2 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
            │  · INFO  dispatching order 7
dispatcher  └─ POST              CLIENT  44.1 ms   ━━━━━━━━━━━━━━━━━━━━━━━━━━━━
commander      └─ POST /command  SERVER  40.0 ms    ━━━━━━━━━━━━━━━━━━━━━━━━━╸
                  │  · INFO  command received
                  │  · ERROR no answer from inventory
commander         ├─ GET         CLIENT   820 µs     ━
commander         └─ ✗ GET       CLIENT   820 µs                 ╺╸
                        ✗ ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:9
`);
});

test('the lines are told by span too, with what comes before and after all spans', () => {
  const lost = { traceId: TRACE_ID, spanId: id(9), message: 'of a span that is not here' };
  const options = { width: 80, logs: [...logs, lost] };
  const blocks = drawTraceTreeBlocks(buildTraceTree(chain), options);
  expect(blocks.map(({ node, lines }) => [node?.span.spanId, lines.length])).toEqual([
    [undefined, 2],
    [id(1), 2],
    [id(2), 1],
    [id(3), 3],
    [id(4), 1],
    [id(5), 2],
    [undefined, 2],
  ]);
  expect(blocks.flatMap(({ lines }) => lines).join('\n')).toBe(drawTraceTree(buildTraceTree(chain), options));
});

test('a tree without times, ids and kinds is drawn from names alone', () => {
  const tree = {
    roots: [
      {
        span: { name: 'POST /dispatch' },
        children: [
          { span: { name: 'POST' }, notes: ['missing'], children: [{ span: { name: 'POST /command' } }] },
          { span: { name: 'GET' } },
        ],
      },
    ],
  };
  expect(`\n${drawTraceTree(tree)}\n`).toBe(`
POST /dispatch
├─ POST
│  │  ! missing
│  └─ POST /command
└─ GET
`);
});

test('services and kinds are drawn in columns where an expected tree names them', () => {
  const tree = {
    roots: [
      {
        span: { name: 'POST /dispatch', serviceName: 'dispatcher', kind: SpanKind.SERVER },
        children: [{ span: { name: 'POST', serviceName: 'a', kind: SpanKind.CLIENT } }],
      },
    ],
  };
  expect(`\n${drawTraceTree(tree)}\n`).toBe(`
dispatcher  POST /dispatch  SERVER
a           └─ POST         CLIENT
`);
});

test('an orphan, a cycle and a link are noted beneath their span', () => {
  const tree = buildTraceTree([
    makeSpanRecord(1, 9, [0, 10], { links: [{ traceId: 'a'.repeat(32), spanId: id(7), attributes: {} }] }),
    makeSpanRecord(2, 2, [1, 2], { links: [{ traceId: TRACE_ID, spanId: id(1), attributes: {} }] }),
  ]);
  const drawn = drawTraceTree(tree);
  expect(drawn).toContain('↑ parent span 0000000000000009 not seen here');
  expect(drawn).toContain('→ link to span 0000000000000007 of trace aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
  expect(drawn).toContain('↑ parent span 0000000000000002 is below this one');
  expect(drawn).toMatch(/→ link to span 0000000000000001$/m);
});

test('an error without a status message shows the message of its exception', () => {
  const span = makeSpanRecord(1, undefined, [0, 1], {
    status: { code: SpanStatusCode.ERROR },
    attributes: { 'error.type': '500' },
    events: [{ name: 'exception', timeUnixNano: 0n, attributes: { 'exception.message': 'out of stock' } }],
  });
  expect(drawTraceTree(buildTraceTree([span]))).toContain('✗ 500: out of stock');
});

test('a log line of the trace whose span is not in the tree is drawn at the end', () => {
  const lost = { traceId: TRACE_ID, spanId: id(99), level: 'INFO', message: 'from an unsampled span' };
  expect(
    drawTraceTree(buildTraceTree(chain), { logs: [lost, ...logs] })
      .split('\n')
      .slice(-2),
  ).toEqual(['log lines of this trace from spans not seen here:', '· INFO  from an unsampled span']);
});

test('the heading can be left out, and takes remarks', () => {
  const tree = buildTraceTree(chain.slice(0, 1));
  expect(drawTraceTree(tree, { heading: false })).not.toContain('trace');
  expect(drawTraceTree(tree, { remarks: ['continued'] }).split('\n')[0]).toBe(
    `trace ${TRACE_ID} · 1 span · 48.2 ms · continued`,
  );
  expect(drawTraceTree({ roots: [] })).toBe('(no spans)');
});

test.for([20, 33, 40, 60, 80, 100, 200])('no line is wider than %i columns', (width) => {
  const wide = makeSpanRecord(6, 5, [26, 27], {
    name: `在庫を確認する 🚀 ${'x'.repeat(300)}`,
    serviceName: 's'.repeat(90),
    links: [{ traceId: 'a'.repeat(32), spanId: id(7), attributes: {} }],
  });
  const deep = Array.from({ length: 60 }, (_, each) => makeSpanRecord(each + 7, each + 6, [26, 27]));
  const drawn = drawTraceTree(buildTraceTree([...chain, wide, ...deep]), {
    width,
    logs: [...logs, { traceId: TRACE_ID, spanId: id(50), message: '宽'.repeat(200) }],
    remarks: ['a remark that is so long that it does not fit beside anything else'],
  });
  expect(drawn.split('\n').filter((line) => columns(line) > width)).toEqual([]);
  expect(drawn).toContain('└─ span 66');
});

test('a width that is no number draws as the default does', () => {
  const tree = buildTraceTree(chain);
  expect(drawTraceTree(tree, { width: Number.NaN })).toBe(drawTraceTree(tree, { width: 100 }));
});

test('there are no terminal codes without color, and color adds nothing but codes', () => {
  const tree = buildTraceTree(chain);
  const plain = drawTraceTree(tree, { logs });
  const colored = drawTraceTree(tree, { logs, color: true });
  expect(plain).not.toContain('\u001b');
  expect(colored).toContain('\u001b[31m✗ GET');
  expect(stripVTControlCharacters(colored)).toBe(plain);
});

test('control characters in names, services and messages are shown as escapes', () => {
  const hostile = 'a\u001b[2Jb\r\n\tc\u0000\u009b\u202ed\u2028\ud800';
  const drawn = drawTraceTree(
    buildTraceTree([
      makeSpanRecord(1, undefined, [0, 1], {
        name: hostile,
        status: { code: SpanStatusCode.ERROR, message: 'line one\nline two' },
      }),
      makeSpanRecord(2, 1, [0, 1], { serviceName: 'x\u001b[31m' }),
    ]),
    { logs: [{ traceId: TRACE_ID, spanId: id(1), level: '\u0007', message: hostile }], width: 200 },
  );
  const visible = String.raw`a\x1b[2Jb\r\n\tc\x00\x9b\u{202e}d\u{2028}\u{d800}`;
  expect(drawn).toContain(`✗ ${visible} `);
  expect(drawn).toContain(String.raw`· \x07     ${visible}`);
  expect(drawn).toContain(String.raw`line one\nline two`);
  expect(drawn).toContain(String.raw`x\x1b[31m`);
  expect(drawn.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cs}\u202e\u2028]/u);
});

test('wide characters keep the columns aligned', () => {
  const drawn = drawTraceTree(
    buildTraceTree([
      makeSpanRecord(1, undefined, [0, 10], { name: '注文を送る', serviceName: '配送' }),
      makeSpanRecord(2, 1, [0, 10], { name: 'ok', serviceName: 'shop' }),
    ]),
    { width: 80, heading: false },
  );
  const before = drawn.split('\n').map((line) => columns(line.slice(0, line.indexOf('INTERNAL'))));
  expect(before).toEqual([18, 18]);
});

test('durations are told in three digits and a unit', () => {
  const drawn = (millis: number) =>
    drawTraceTree(buildTraceTree([makeSpanRecord(1, undefined, [0, millis])]))
      .split(' · ')[2]
      ?.split('\n')[0];
  expect([0, 0.00025, 0.0125, 4.234, 48.25, 999.7, 1234, 59_400, 125_000, 12_000_000].map(drawn)).toEqual([
    '0 ns',
    '250 ns',
    '12.5 µs',
    '4.23 ms',
    '48.3 ms',
    '1000 ms',
    '1.23 s',
    '59.4 s',
    '2m 05s',
    '3h 20m',
  ]);
});

test('a span that ends before it starts, by clocks that differ, is drawn with the duration 0', () => {
  expect(drawTraceTree(buildTraceTree([makeSpanRecord(1, undefined, [5, 1])]))).toMatch(/ {2}0 ns/);
});

test('1,000 spans, and a chain of 5,000, are drawn a line each', () => {
  const flat = Array.from({ length: 1000 }, (_, each) =>
    makeSpanRecord(each + 1, each === 0 ? undefined : 1, [0, 9]),
  );
  const chained = Array.from({ length: 5000 }, (_, each) =>
    makeSpanRecord(each + 1, each === 0 ? undefined : each, [0, 9]),
  );
  expect(drawTraceTree(buildTraceTree(flat)).split('\n')).toHaveLength(1001);
  expect(drawTraceTree(buildTraceTree(chained)).split('\n')).toHaveLength(5001);
});
