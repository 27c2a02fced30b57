import {
  type Attributes,
  type AttributeValue,
  createTraceState,
  type HrTime,
  SpanKind,
} from '@opentelemetry/api';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { spansToJson } from '../src/sdk/otlp-json.ts';
import { readJsonResponse, readProtobufResponse } from '../src/sdk/otlp-response.ts';

const hex = (length: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^[0-9a-fA-F]{${length}}$`, 'u'));

/** Lengths around those at which a length takes one byte more, and characters of one to four bytes. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc
    .tuple(
      fc.constantFrom('a', 'é', '€', '🙂', '\ud800'),
      fc.constantFrom(0, 24, 25, 63, 64, 127, 128, 129, 5461),
    )
    .map(([letter, count]) => letter.repeat(count)),
  fc.constantFrom(16_383, 16_384).map((count) => 'a'.repeat(count)),
);
const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.constantFrom(0, -0, 2 ** 31, 2 ** 32, 2 ** 32 - 1, 2 ** 53, -(2 ** 63), 2 ** 63, 2 ** 62, -1, 0.1),
);
/** Those for which JSON and OpenTelemetry's serializer have a form. */
const plainNumber = number.filter((value) => Number.isFinite(value) && Math.abs(value) < 2 ** 63);

function someAttributes(): fc.Arbitrary<Attributes> {
  const scalar = fc.oneof(text, plainNumber, fc.boolean());
  const value = fc.oneof(
    scalar,
    fc.array(fc.option(scalar)),
    // More than the API's types allow, which the SDK passes on.
    fc.constantFrom<unknown>(undefined, null, new Uint8Array([1, 2, 255]), { a: 1, b: { c: ['x'] } }),
  ) as fc.Arbitrary<AttributeValue>;
  return fc.dictionary(text, value, { maxKeys: 8 });
}

const time: fc.Arbitrary<HrTime> = fc.oneof(
  fc.tuple(fc.nat({ max: 18_446_744_072 }), fc.nat({ max: 999_999_999 })),
  fc.constantFrom<HrTime>([0, 0], [1_764_000_000, 123_456_789], [4_294_967_296, 0]),
);
const count = fc.nat();
const spanContext = fc.record(
  {
    traceId: hex(32),
    spanId: hex(16),
    traceFlags: fc.nat({ max: 255 }),
    isRemote: fc.boolean(),
    traceState: fc.constantFrom(createTraceState('a=1,b=2'), createTraceState()),
  },
  { requiredKeys: ['traceId', 'spanId', 'traceFlags'] },
);
const SCOPES = [
  { name: 'plain' },
  { name: 'with version', version: '1.2.3' },
  { name: '', version: '', schemaUrl: 'https://opentelemetry.io/schemas/1.40.0' },
];
const RESOURCES = [
  resourceFromAttributes({ 'service.name': 'a', 'process.pid': 1 }),
  resourceFromAttributes({}, { schemaUrl: 'https://opentelemetry.io/schemas/1.40.0' }),
];

function someSpans(): fc.Arbitrary<ReadableSpan[]> {
  const attributes = someAttributes();
  const fields = fc.record(
    {
      context: spanContext,
      parentSpanContext: spanContext,
      name: text,
      kind: fc.constantFrom(SpanKind.INTERNAL, SpanKind.SERVER, SpanKind.CONSUMER),
      startTime: time,
      endTime: time,
      attributes,
      droppedAttributesCount: count,
      events: fc.array(
        fc.record(
          { time, name: text, attributes, droppedAttributesCount: count },
          { requiredKeys: ['time', 'name'] },
        ),
        { maxLength: 3 },
      ),
      droppedEventsCount: count,
      links: fc.array(
        fc.record(
          { context: spanContext, attributes, droppedAttributesCount: count },
          { requiredKeys: ['context'] },
        ),
        { maxLength: 3 },
      ),
      droppedLinksCount: count,
      status: fc.record({ code: fc.nat({ max: 2 }), message: text }, { requiredKeys: ['code'] }),
      scope: fc.nat({ max: 2 }),
      resource: fc.nat({ max: 1 }),
    },
    { noNullPrototype: true },
  );
  const span = fields.map(({ context, scope, resource, ...rest }) => ({
    ...rest,
    spanContext: () => context,
    instrumentationScope: SCOPES[scope],
    resource: RESOURCES[resource],
  }));
  return fc.array(span, { maxLength: 6 }) as fc.Arbitrary<unknown> as fc.Arbitrary<ReadableSpan[]>;
}

test('spans in JSON are what the serializer of OpenTelemetry makes of them', () => {
  fc.assert(
    fc.property(someSpans(), (spans) => {
      expect(parsed(spansToJson(spans))).toEqual(parsed(JsonTraceSerializer.serializeRequest(spans)));
    }),
  );
});

test.each([
  ['1.5', { doubleValue: 1.5 }],
  ['NaN', { doubleValue: 'NaN' }],
  ['-Infinity', { doubleValue: '-Infinity' }],
  ['1e300', { doubleValue: 1e300 }],
])('in JSON the number %s is a double as Protocol Buffers write it', (given, expected) => {
  const [span] =
    fc.sample(
      someSpans().filter(({ length }) => length > 0),
      1,
    )[0] ?? [];
  const written = parsed(spansToJson([{ ...span, attributes: { n: Number(given) } } as ReadableSpan]));
  expect(written).toMatchObject({
    resourceSpans: [{ scopeSpans: [{ spans: [{ attributes: [{ key: 'n', value: expected }] }] }] }],
  });
});

test.each([
  [[Number.NaN, 0], '0'],
  [[-1, 0], '0'],
  [[18_446_744_073, 709_551_616], '0'],
  [[18_446_744_073, 709_551_615], '18446744073709551615'],
  [[1, 1_500_000_000], '2500000000'],
] as const)(
  'in JSON the time %j is %s: one that is none would cost the whole batch',
  (startTime, expected) => {
    const [span] =
      fc.sample(
        someSpans().filter(({ length }) => length > 0),
        1,
      )[0] ?? [];
    const written = parsed(spansToJson([{ ...span, startTime: [...startTime] } as unknown as ReadableSpan]));
    expect(written).toMatchObject({
      resourceSpans: [{ scopeSpans: [{ spans: [{ startTimeUnixNano: expected }] }] }],
    });
  },
);

test('an answer that takes part of a request says how many spans it did not take, and why', () => {
  const expected = { rejected: 300, message: 'no €' };
  const wire = Buffer.from('0a0b08ac0212066e6f20e282ac', 'hex');
  // One field of each type that nobody knows.
  const unknown = Buffer.from('18ff012100000000000000002a01613500000000', 'hex');
  expect(readProtobufResponse(wire)).toEqual(expected);
  expect(readProtobufResponse(Buffer.concat([unknown, wire]))).toEqual(expected);
  const json = { partialSuccess: { rejectedSpans: '300', errorMessage: 'no €' } };
  expect(readJsonResponse(Buffer.from(JSON.stringify(json)))).toEqual(expected);
});

test('an answer without a message, or with an empty one, takes everything', () => {
  const all = { rejected: 0, message: '' };
  expect(readProtobufResponse(Buffer.alloc(0))).toEqual(all);
  expect(readProtobufResponse(Buffer.from('0a00', 'hex'))).toEqual(all);
  expect(readJsonResponse(Buffer.alloc(0))).toEqual(all);
  expect(readJsonResponse(Buffer.from('{}'))).toEqual(all);
});

test.each(['0a', '0a0b08', '0a0208', '0a0908ac02', '0b', '4f4b'])('%s is no answer of OTLP', (digits) => {
  expect(() => readProtobufResponse(Buffer.from(digits, 'hex'))).toThrow(RangeError);
});

/** Without the schema in a resource: OpenTelemetry's serializer puts it there too, where the protocol has no such field. */
function parsed(json: Uint8Array | undefined): unknown {
  return JSON.parse(Buffer.from(json ?? []).toString(), (key, value: object) =>
    key === 'resource' ? { ...value, schemaUrl: undefined } : value,
  );
}
