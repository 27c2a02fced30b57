import { isDeepStrictEqual } from 'node:util';
import type { Attributes, HrTime, SpanContext, TraceState } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { hold, hostileRecipe, hostileText, made, type Recipe } from '@org/fuzz';
import fc from 'fast-check';
import { expect } from 'vitest';

import { writeTraceRequest } from '../src/sdk/otlp-trace-request.ts';
import { SpanPacker } from '../src/sdk/span-packer.ts';
import { decodedRequest, readableSpan } from './support/trace-request.ts';

/** What an arbitrary makes. */
type Made<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;

const text = hostileText(3000);
const count = fc.oneof(fc.constant(0), fc.integer({ min: -1, max: 2 ** 32 }), fc.double());
const number = fc.oneof(
  fc.double(),
  fc.maxSafeInteger(),
  fc.integer(),
  // Every length of a varint, and what is beside it.
  fc
    .tuple(fc.nat({ max: 64 }), fc.integer({ min: -1, max: 1 }), fc.constantFrom(1, -1))
    .map(([bits, beside, sign]) => sign * (2 ** bits + beside)),
);
const plain = fc.oneof(number, text, fc.boolean(), fc.array(text), fc.array(number), fc.uint8Array());
/** What is beside a cycle is written in each of the thousands of levels that the stack bears. */
function brief(recipe: Recipe): Recipe {
  return { ...recipe, inner: recipe.kind === 'cycle' ? [] : recipe.inner.map(brief) };
}

const value = fc.oneof(
  { weight: 9, arbitrary: fc.record({ plain }) },
  { weight: 1, arbitrary: fc.record({ recipe: hostileRecipe.map(brief) }) },
);

const entries = fc.array(fc.tuple(text, value), { maxLength: 6 });
type Entries = Made<typeof entries>;

/** Made in the property, since fast-check looks at all that it is given. */
function attributesOf(all: Entries): Attributes {
  // Not by assignment, which `__proto__` does not bear.
  return Object.fromEntries(
    all.map(([key, each]) => [key, 'plain' in each ? each.plain : made(each.recipe)]),
  ) as Attributes;
}

/** As far as 64 bits hold it. */
const time = fc
  .tuple(fc.nat({ max: 18_446_744_072 }), fc.integer({ min: 0, max: 1_500_000_000 }))
  .map((pair): HrTime => pair);

const digit = fc.nat({ max: 21 }).map((index) => '0123456789abcdefABCDEF'.charAt(index));
const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: digit, minLength: length, maxLength: length });

const context = fc.record(
  {
    traceId: hex(32),
    spanId: hex(16),
    traceFlags: fc.nat({ max: 0x1ff }),
    isRemote: fc.boolean(),
    state: text,
  },
  { requiredKeys: ['traceId', 'spanId', 'traceFlags'] },
);

function contextOf({ state, ...parts }: Made<typeof context>): SpanContext {
  return { ...parts, ...(state !== undefined && { traceState: { serialize: () => state } as TraceState }) };
}

const event = fc.record({ time, name: text, entries, droppedAttributesCount: count });
const link = fc.record({ context, entries, droppedAttributesCount: count }, { requiredKeys: ['context'] });

const RESOURCES = [{ 'service.name': 'a' }, { list: ['b', 'c'] }].map((each) => resourceFromAttributes(each));
const SCOPES = [{ name: 'a' }, { name: '', version: 'ü', schemaUrl: 'x' }, { name: 'a' }];

const span = fc.record({
  own: context,
  parent: fc.option(context, { nil: undefined }),
  entries,
  events: fc.array(event, { maxLength: 3 }),
  links: fc.array(link, { maxLength: 3 }),
  resource: fc.nat({ max: RESOURCES.length - 1 }),
  scope: fc.nat({ max: SCOPES.length - 1 }),
  parts: fc.record({
    name: text,
    kind: fc.integer({ min: -3, max: 7 }),
    startTime: time,
    endTime: time,
    status: fc.record({ code: fc.nat({ max: 3 }), message: text }),
    droppedAttributesCount: count,
    droppedEventsCount: count,
    droppedLinksCount: count,
  }),
});

function spanOf({ own, parent, parts, ...each }: Made<typeof span>): ReadableSpan {
  return readableSpan({
    ...parts,
    context: contextOf(own),
    ...(parent && { parentSpanContext: contextOf(parent) }),
    attributes: attributesOf(each.entries),
    events: each.events.map(({ entries: ofEvent, ...rest }) => ({
      ...rest,
      attributes: attributesOf(ofEvent),
    })),
    links: each.links.map(({ context: linked, entries: ofLink, ...rest }) => ({
      ...rest,
      context: contextOf(linked),
      ...(ofLink && { attributes: attributesOf(ofLink) }),
    })),
    resource: RESOURCES[each.resource] as ReadableSpan['resource'],
    instrumentationScope: SCOPES[each.scope] as ReadableSpan['instrumentationScope'],
  });
}

/** What came of it: a request, or an error. */
function attempt(write: () => Uint8Array | undefined): Uint8Array | undefined {
  try {
    return write();
  } catch {
    return undefined;
  }
}

const packer = new SpanPacker();

function packedRequest(spans: readonly ReadableSpan[]): Uint8Array {
  const packed = spans.map((each) => packer.pack(each));
  const request = writeTraceRequest(packed);
  packer.release(packed);
  return request;
}

hold('any spans, read back, are what upstream writes of them', () =>
  fc.property(fc.array(span, { maxLength: 4 }), (recipes) => {
    const spans = recipes.map(spanOf);
    const theirs = attempt(() => ProtobufTraceSerializer.serializeRequest(spans));
    const ours = attempt(() => packedRequest(spans));
    // There are values that only upstream cannot write.
    if (theirs === undefined) return;
    const [read, expected] = [ours && decodedRequest(ours), decodedRequest(theirs)];
    // What is large takes `toEqual` seconds.
    if (!isDeepStrictEqual(read, expected)) expect(read).toEqual(expected);
  }),
);
