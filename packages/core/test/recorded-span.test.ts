import {
  type Attributes,
  type Exception,
  type Link,
  type Span,
  SpanKind,
  type SpanOptions,
  type TimeInput,
  type Tracer,
} from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { hold } from '@org/fuzz';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { giveAttributes } from '../src/own-attributes.ts';
import { resolveSpanLimits } from '../src/sdk/span-limits.ts';
import { ownSpans } from './support/own-spans.ts';

type Step = (span: Span) => void;

/** What nobody may give, and somebody will. */
const odd: fc.Arbitrary<unknown> = fc.constantFrom(
  null,
  undefined,
  {},
  { a: 1 },
  Symbol.iterator,
  10n,
  [1, 'a'],
  [{}],
  [null, 'a', undefined],
  () => 1,
);
const value: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.array(fc.string())) },
  odd,
);
const key = fc.oneof(fc.constantFrom('a', 'b', 'c', '', 'constructor'), fc.string());
const attributes = fc.oneof(
  { weight: 5, arbitrary: fc.dictionary(key, value) as fc.Arbitrary<Attributes> },
  odd as fc.Arbitrary<Attributes>,
);
/** Never now, which the two would not see at the same moment. */
const time: fc.Arbitrary<TimeInput> = fc.oneof(
  fc.tuple(fc.integer({ min: 1_700_000_000, max: 1_800_000_000 }), fc.integer({ min: 0, max: 999_999_999 })),
  fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }),
  fc.date({ min: new Date('2024-01-01'), max: new Date('2027-01-01'), noInvalidDate: true }),
);
const link: fc.Arbitrary<Link> = fc.record({
  context: fc.record({
    traceId: fc.constant('0af7651916cd43dd8448eb211c80319c'),
    spanId: fc.constant('b7ad6b7169203331'),
    traceFlags: fc.nat(1),
  }),
  attributes,
});
const exception = fc.oneof(
  fc.constantFrom(undefined, null, 0, true),
  fc.string(),
  fc.record({
    name: fc.string(),
    message: fc.string(),
    stack: fc.string(),
    code: fc.constantFrom('E', '', 7),
  }),
) as fc.Arbitrary<Exception>;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(key, value).map(
    ([name, given]): Step =>
      (span) =>
        span.setAttribute(name, given as string),
  ),
  attributes.map(
    (given): Step =>
      (span) =>
        span.setAttributes(given),
  ),
  fc.tuple(key, time).map(
    ([name, when]): Step =>
      (span) =>
        span.addEvent(name, when),
  ),
  fc.tuple(key, attributes, time).map(
    ([name, given, when]): Step =>
      (span) =>
        span.addEvent(name, given, when),
  ),
  fc.tuple(key, time, time).map(
    ([name, first, second]): Step =>
      (span) =>
        span.addEvent(name, first, second),
  ),
  link.map(
    (given): Step =>
      (span) =>
        span.addLink(given),
  ),
  fc.array(link).map(
    (given): Step =>
      (span) =>
        span.addLinks(given),
  ),
  fc.record({ code: fc.nat(2), message: value as fc.Arbitrary<string> }).map(
    (status): Step =>
      (span) =>
        span.setStatus(status),
  ),
  fc.string().map(
    (name): Step =>
      (span) =>
        span.updateName(name),
  ),
  fc.tuple(exception, time).map(
    ([thrown, when]): Step =>
      (span) =>
        span.recordException(thrown, when),
  ),
);

const limits = fc.record(
  {
    attributeValueLengthLimit: fc.integer({ min: 1, max: 5 }),
    attributeCountLimit: fc.nat(3),
    eventCountLimit: fc.nat(3),
    linkCountLimit: fc.nat(3),
    attributePerEventCountLimit: fc.nat(2),
    attributePerLinkCountLimit: fc.nat(2),
  },
  { requiredKeys: [] },
);

const options: fc.Arbitrary<SpanOptions> = fc.record(
  {
    kind: fc.constantFrom(SpanKind.CLIENT, SpanKind.SERVER),
    attributes,
    links: fc.array(link),
  },
  { requiredKeys: [] },
);

function sdkSpans(spanLimits: Required<ReturnType<typeof resolveSpanLimits>>): {
  readonly tracer: Tracer;
  readonly spans: () => ReadableSpan[];
} {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({
    spanLimits,
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  return { tracer: provider.getTracer('test', '1.0.0'), spans: () => exporter.getFinishedSpans() };
}

/** All that can be told of a span but its ids, which are made at random. */
function told(span: ReadableSpan): object {
  const { name, kind, startTime, endTime, duration, ended, status, attributes: held, links, events } = span;
  const { droppedAttributesCount, droppedEventsCount, droppedLinksCount } = span;
  const { traceFlags, isRemote } = span.spanContext();
  return {
    what: { name, kind, status, links, events, traceFlags, isRemote },
    when: { startTime, endTime, duration, ended },
    dropped: { droppedAttributesCount, droppedEventsCount, droppedLinksCount },
    attributes: Object.entries(held),
    scope: { ...span.instrumentationScope },
  };
}

hold('a span of ours is what the SDK makes of the same calls', () =>
  fc.property(
    fc.record({ given: limits, options, startTime: time, steps: fc.array(step), endTime: time }),
    ({ given, options: start, startTime, steps, endTime }) => {
      const resolved = resolveSpanLimits(given);
      const [own, sdk] = [ownSpans({ limits: resolved }), sdkSpans(resolved)].map(({ tracer, spans }) => {
        const span = tracer.startSpan('name', { ...start, startTime });
        for (const each of steps) each(span);
        const isRecording = [span.isRecording()];
        span.end(endTime);
        isRecording.push(span.isRecording());
        for (const each of steps) each(span);
        span.end(endTime);
        return { isRecording, told: spans().map(told) };
      });
      expect(own).toEqual(sdk);
    },
  ),
);

test('attributes that are given away are held as they are, and within the limits as any', () => {
  const { tracer, spans } = ownSpans();
  const given = { a: 1, b: 'text' };
  const span = tracer.startSpan('given');
  giveAttributes(span, given);
  span.setAttribute('c', true).end();
  expect(spans()[0]?.attributes).toBe(given);
  expect(given).toEqual({ a: 1, b: 'text', c: true });

  const narrow = ownSpans({
    limits: resolveSpanLimits({ attributeCountLimit: 2, attributeValueLengthLimit: 3 }),
  });
  const bounded = narrow.tracer.startSpan('bounded');
  giveAttributes(bounded, { a: 'text', b: 1, c: 2 });
  bounded.end();
  expect(narrow.spans()[0]).toMatchObject({ attributes: { a: 'tex', b: 1 }, droppedAttributesCount: 1 });
});

test('what is no value is left out of attributes that are given away', () => {
  const { tracer, spans } = ownSpans();
  const span = tracer.startSpan('span');
  giveAttributes(span, { a: 1, b: undefined, c: null } as unknown as Attributes);
  span.end();
  expect(Object.entries(spans()[0]!.attributes)).toEqual([['a', 1]]);
});

test('attributes that are given away count as any that come later', () => {
  const { tracer, spans } = ownSpans({ limits: resolveSpanLimits({ attributeCountLimit: 2 }) });
  const span = tracer.startSpan('span');
  giveAttributes(span, { a: 1, b: 2 });
  span.setAttributes({ a: 3, c: 4 }).end();
  expect(spans()[0]).toMatchObject({ attributes: { a: 3, b: 2 }, droppedAttributesCount: 1 });
});

test('an object that inherits from a span, and a spread of one, tell what the span tells', () => {
  const { tracer, spans } = ownSpans();
  tracer.startSpan('span', { attributes: { secret: 1 } }).end();
  const [span] = spans();
  const heir = Object.create(span!, { attributes: { value: { redacted: true } } }) as ReadableSpan;
  expect(heir.spanContext()).toBe(span!.spanContext());
  expect(heir).toMatchObject({ name: 'span', ended: true, attributes: { redacted: true } });
  const { name, startTime, endTime, duration, resource } = span!;
  expect({ ...span }).toMatchObject({ name, startTime, endTime, duration, resource });
});
