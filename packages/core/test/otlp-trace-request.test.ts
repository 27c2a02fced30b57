import type { Attributes, HrTime, Link } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { expect, test } from 'vitest';

import { writeTraceRequest } from '../src/sdk/otlp-trace-request.ts';
import { type PackedSpan, SpanPacker } from '../src/sdk/span-packer.ts';
import { W3cTraceState } from '../src/sdk/trace-state.ts';
import { decodedRequest, decodedSpans, readableSpan, SPAN_ID, TRACE_ID } from './support/trace-request.ts';

/** JavaScript lets anything be an attribute. */
const anyAttributes = (attributes: Record<string, unknown>): Attributes => attributes as Attributes;

const byUpstream = (...spans: ReadableSpan[]): Uint8Array =>
  ProtobufTraceSerializer.serializeRequest(spans) as Uint8Array;

function traceWriter(): (spans: readonly ReadableSpan[]) => Uint8Array {
  const packer = new SpanPacker();
  return (spans) => {
    const packed = spans.map((span) => packer.pack(span));
    const request = writeTraceRequest(packed);
    packer.release(packed);
    return request;
  };
}

const written = (...spans: ReadableSpan[]): Uint8Array => traceWriter()(spans);

const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');

const RESOURCES = [
  resourceFromAttributes({ 'service.name': 'a', 'process.command_args': ['node', 'x.js'], pid: 1 }),
  resourceFromAttributes({ 'service.name': 'b' }, { schemaUrl: 'https://example.org/1.2' }),
];
const SCOPES = [
  { name: 'a' },
  { name: 'b', version: '1', schemaUrl: 'https://example.org/1.1' },
  { name: 'b', version: '1', attributes: { x: 1 }, droppedAttributesCount: 300 },
];

const link = (parts: Partial<Link> = {}): Link => ({
  context: { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 0 },
  ...parts,
});

const CORPUS: Readonly<Record<string, readonly ReadableSpan[]>> = {
  nothing: [],
  'a span of every kind': [0, 1, 2, 3, 4].map((kind) => readableSpan({ kind })),
  'a span without a kind': [readableSpan({ kind: undefined as never })],
  'texts of every length about a byte more of it': [0, 1, 47, 48, 49, 109, 127, 128, 16_383, 16_384].map(
    (length) =>
      readableSpan({ name: 'n'.repeat(length), attributes: { ['k'.repeat(length)]: 'ü'.repeat(length) } }),
  ),
  'a very long text': [readableSpan({ attributes: { long: '😀'.repeat(1_000_000) } })],
  'half a surrogate pair': [
    readableSpan({ name: '\ud83d', attributes: { '\ude00': 'a\ud83d', long: `${'x'.repeat(100)}\ud83d` } }),
  ],
  numbers: [
    readableSpan({
      attributes: Object.fromEntries(
        [
          0,
          -0,
          1,
          127,
          128,
          -1,
          1.5,
          -1.5,
          2 ** 31,
          2 ** 32 - 1,
          2 ** 32,
          -(2 ** 31),
          -(2 ** 32),
          2 ** 53,
          -(2 ** 53),
        ]
          .concat([
            2 ** 62,
            2 ** 63 - 1024,
            2 ** 63,
            -(2 ** 63),
            2 ** 64,
            1e300,
            5e-324,
            NaN,
            Infinity,
            -Infinity,
          ])
          .map((value, index) => [`key${index}`, value]),
      ),
    }),
  ],
  'values of every kind': [
    readableSpan({
      attributes: anyAttributes({
        '': '',
        true: true,
        false: false,
        null: null,
        undefined: undefined,
        bigint: 12n,
        symbol: Symbol('x'),
        function: () => undefined,
        date: new Date(0),
        bytes: new Uint8Array([0, 127, 128, 255]),
        buffer: Buffer.alloc(200, 1),
        empty: [],
        list: ['a', null, 1, 1.5, true, [], ['b', [undefined]], { c: 1 }],
        holes: Array.from({ length: 300 }),
        map: { a: 1, b: { c: 'd', e: [1] }, f: {} },
        long: { list: Array.from({ length: 200 }, (_, index) => `value ${index}`) },
        withoutPrototype: Object.assign(Object.create(null) as object, { a: 1 }),
        inherited: Object.create({ notOwn: 1 }),
        0: 'a number as key',
      }),
    }),
  ],
  'attributes that are inherited': [readableSpan({ attributes: Object.create({ notOwn: 1 }) as Attributes })],
  times: (
    [
      [0, 0],
      [0, 999_999_999],
      [1_800_000_000, 1_999_999_999],
      [1_800_000_000, -1],
      [2 ** 32, 0],
      [18_446_744_073, 709_551_615],
      [1.5, 1.5],
      [NaN, NaN],
    ] satisfies HrTime[]
  ).map((time) => readableSpan({ startTime: time, endTime: time })),
  status: [
    readableSpan({ status: { code: 1 } }),
    readableSpan({ status: { code: 2, message: 'it broke' } }),
    readableSpan({ status: { code: 2, message: '' } }),
    readableSpan({ status: { code: 0, message: 'é'.repeat(100) } }),
  ],
  'dropped counts': [0, 1, 200, 2 ** 32 - 1, -1, 1.5, NaN].map((count) =>
    readableSpan({
      droppedAttributesCount: count,
      droppedEventsCount: count,
      droppedLinksCount: count,
      events: [{ time: [1, 2], name: 'event', droppedAttributesCount: count }],
      links: [link({ droppedAttributesCount: count })],
    }),
  ),
  'events and links': [
    readableSpan({
      events: [
        { time: [1_800_000_000, 5], name: '' },
        {
          time: [1, 2],
          name: 'exception',
          attributes: { 'exception.stacktrace': 'at x\n'.repeat(900), b: 1 },
        },
      ],
      links: [
        link(),
        link({ attributes: { a: 'b', long: 'x'.repeat(300) } }),
        link({ context: { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1, isRemote: true } }),
        link({
          context: {
            traceId: TRACE_ID,
            spanId: SPAN_ID,
            traceFlags: 1,
            traceState: W3cTraceState.parse('a=1,b=2') as W3cTraceState,
          },
        }),
      ],
    }),
  ],
  'parents and flags': [0, 1, 3, 255, 0x1ff].flatMap((traceFlags) =>
    [undefined, false, true].map((isRemote) =>
      readableSpan({
        context: { traceFlags },
        parentSpanContext: {
          traceId: TRACE_ID,
          spanId: '00f067aa0ba902b7',
          traceFlags,
          ...(isRemote !== undefined && { isRemote }),
        },
      }),
    ),
  ),
  'a trace state': [
    readableSpan({ context: { traceState: W3cTraceState.parse('vendor=x') as W3cTraceState } }),
    readableSpan({ context: { traceState: { serialize: () => '' } as W3cTraceState } }),
  ],
  'ids in capitals, of zeros and empty': [
    readableSpan({ context: { traceId: TRACE_ID.toUpperCase(), spanId: SPAN_ID.toUpperCase() } }),
    readableSpan({ context: { traceId: '0'.repeat(32), spanId: '0'.repeat(16) } }),
    readableSpan({
      context: { traceId: '', spanId: '' },
      parentSpanContext: { traceId: '', spanId: '', traceFlags: 0 },
    }),
  ],
  'resources and scopes that take turns': Array.from({ length: 40 }, (_, index) =>
    readableSpan({
      name: `${index}`,
      resource: RESOURCES[(index >> 1) % 2] as ReadableSpan['resource'],
      instrumentationScope: SCOPES[index % 3] as ReadableSpan['instrumentationScope'],
    }),
  ),
  'a batch': Array.from({ length: 512 }, (_, index) =>
    readableSpan({
      name: `GET /${index}`,
      attributes: { 'http.request.method': 'GET', index, 'url.path': `/${index}` },
    }),
  ),
};

test.each(Object.keys(CORPUS))('%s: read back, it is what upstream writes', (name) => {
  const spans = CORPUS[name] as ReadableSpan[];
  expect(decodedRequest(written(...spans))).toEqual(decodedRequest(byUpstream(...spans)));
});

test('a request stays as it is while others are written', () => {
  const write = traceWriter();
  const first = write([readableSpan({ name: 'first' })]);
  const copy = Buffer.from(first);
  for (let count = 1; count < 600; count++) write([readableSpan({ name: 'other'.repeat(count) })]);
  expect(Buffer.compare(first, copy)).toBe(0);
});

test('a request that a getter writes within another one is whole, and so is the other', () => {
  const write = traceWriter();
  let inner: Uint8Array | undefined;
  const attributes = {
    get value() {
      inner = write([readableSpan({ name: 'inner' })]);
      return 'value';
    },
  };
  const outer = write([readableSpan({ name: 'outer', attributes })]);
  expect(decodedSpans(outer)).toMatchObject([
    { name: 'outer', attributes: [{ key: 'value', value: { stringValue: 'value' } }] },
  ]);
  expect(decodedSpans(inner as Uint8Array)).toMatchObject([{ name: 'inner' }]);
});

test('a span that cannot be written leaves nothing of itself for the next request', () => {
  const write = traceWriter();
  const cycle: Record<string, unknown> = {};
  cycle['self'] = [cycle];
  expect(() => write([readableSpan(), readableSpan({ attributes: anyAttributes(cycle) })])).toThrow(
    RangeError,
  );
  expect(decodedRequest(write([readableSpan()]))).toEqual(decodedRequest(byUpstream(readableSpan())));
});

test('keys that are made up are written when no more are remembered', () => {
  const write = traceWriter();
  const spans = Array.from({ length: 3000 }, (_, index) =>
    readableSpan({ attributes: { [`key ${index}`]: index } }),
  );
  write(spans);
  expect(decodedRequest(write(spans))).toEqual(decodedRequest(byUpstream(...spans)));
});

test('spans share a piece of memory, and a large one holds its own size alone', () => {
  const packer = new SpanPacker();
  const pack = (span: ReadableSpan): PackedSpan => packer.pack(span);
  const first = pack(readableSpan());
  const large = pack(readableSpan({ attributes: { text: 'x'.repeat(60_000) } }));
  const next = pack(readableSpan());
  expect(pack(readableSpan()).bytes).toBe(next.bytes);
  expect(large.bytes.buffer.byteLength).toBe(large.end - large.start);
  expect(large.bytes.length).toBeLessThan(61_000);
  expect(first.bytes.buffer.byteLength).toBe(next.bytes.buffer.byteLength);
});

test('the memory of spans that were let go is used again, and nothing of them is left in it', () => {
  const packer = new SpanPacker();
  const many = (name: string): ReadableSpan[] =>
    Array.from({ length: 1000 }, (_, index) =>
      readableSpan({ name: `${name} ${index}`, attributes: { name, index }, instrumentationScope: { name } }),
    );
  const pack = (spans: readonly ReadableSpan[]): PackedSpan[] => spans.map((span) => packer.pack(span));
  const [first, second, third] = [many('first'), many('the second'), many('3')];
  const earlier = pack(first);
  const waiting = pack(second);
  packer.release(earlier);
  const used = new Set(earlier.map(({ bytes }) => bytes));
  const later = pack(third);
  expect(later.filter(({ bytes }) => used.has(bytes)).length).toBeGreaterThan(500);
  expect(decodedRequest(writeTraceRequest(waiting))).toEqual(decodedRequest(byUpstream(...second)));
  expect(decodedRequest(writeTraceRequest(later))).toEqual(decodedRequest(byUpstream(...third)));
});

test('spans that come one at a time never need more than one piece of memory', () => {
  const packer = new SpanPacker();
  const pieces = new Set<Buffer>();
  for (let index = 0; index < 2000; index++) {
    const packed = packer.pack(readableSpan());
    pieces.add(packed.bytes);
    packer.release([packed]);
  }
  expect(pieces.size).toBe(1);
});

test('a span that a getter of another one ends has memory of its own meanwhile', () => {
  const packer = new SpanPacker();
  const inner: PackedSpan[] = [];
  for (let round = 0; round < 3; round++) {
    const attributes = {
      get asked() {
        inner.push(packer.pack(readableSpan({ name: 'inner' })));
        return round;
      },
    };
    const outer = packer.pack(readableSpan({ name: 'outer', attributes }));
    expect(decodedSpans(writeTraceRequest([outer, ...inner])).map(({ name }) => name)).toEqual([
      'outer',
      ...inner.map(() => 'inner'),
    ]);
    packer.release([outer, ...inner.splice(0)]);
  }
});

test('one huge span does not make the requests after it large', () => {
  const write = traceWriter();
  write([readableSpan({ name: 'x'.repeat(20_000_000) })]);
  const request = write(Array.from({ length: 512 }, () => readableSpan()));
  expect(request.buffer.byteLength).toBeLessThan(2_000_000);
});

test.each(['', 'abc', 'x'.repeat(32), `${TRACE_ID}00`, 'İ'.repeat(32), 12, undefined])(
  'a link or parent whose id is %j has none: a receiver may refuse a whole request for it',
  (id) => {
    const context = { traceId: id as string, spanId: id as string, traceFlags: 1 };
    const [span] = decodedSpans(written(readableSpan({ links: [{ context }], parentSpanContext: context })));
    expect(span).toMatchObject({
      traceId: base64(TRACE_ID),
      spanId: base64(SPAN_ID),
      parentSpanId: '',
      links: [{ traceId: '', spanId: '', flags: 0x101 }],
    });
  },
);

test.each([
  [[-1, 0], '0'],
  [[0, -1], '0'],
  [[-1, 1_500_000_000], '500000000'],
  [[18_446_744_073, 709_551_617], '0'],
  [[1e15, 0], '0'],
  [[Infinity, 0], '0'],
])('a time of %j is %s nanoseconds: 64 bits without a sign hold no other', (time, nanoseconds) => {
  const span = readableSpan({ startTime: time as HrTime, events: [{ name: 'event', time: time as HrTime }] });
  expect(decodedSpans(written(span))).toMatchObject([
    { startTimeUnixNano: nanoseconds, events: [{ timeUnixNano: nanoseconds }] },
  ]);
});

test('a name that is no text is written as one', () => {
  const names = [42, undefined, null, Symbol('x')].map((name) =>
    readableSpan({ name: name as unknown as string }),
  );
  expect(decodedSpans(written(...names)).map(({ name }) => name)).toEqual(['42', '', '', 'Symbol(x)']);
});
