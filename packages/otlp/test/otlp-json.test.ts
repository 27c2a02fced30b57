import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';
import { hold, hostileText } from '@org/fuzz';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { logsToOtlpJson, type OtlpLog, readOtlpJson, spansToOtlpJson } from '../src/index.ts';

const text = hostileText(200);
const digits = (length: number): fc.Arbitrary<string> =>
  fc
    .string({
      unit: fc.nat({ max: 15 }).map((digit) => digit.toString(16)),
      minLength: length - 1,
      maxLength: length - 1,
    })
    .map((rest) => `${rest}1`);
const time = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const number = fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger());
const value = fc.oneof(text, number, fc.boolean(), fc.array(text), fc.array(number), fc.array(fc.boolean()));
const attributes = fc
  .array(fc.tuple(fc.oneof(text, fc.constantFrom('__proto__', '0', 'toString')), value), { maxLength: 6 })
  .map((entries) => Object.fromEntries(entries));
const resource = fc
  .tuple(attributes, text)
  .map(([others, name]) => (name === '' ? others : { ...others, 'service.name': name }))
  .map((resourceAttributes) => ({
    serviceName: String(
      Object.hasOwn(resourceAttributes, 'service.name') ? resourceAttributes['service.name'] : '',
    ),
    resourceAttributes,
  }));
const scope = fc.tuple(text, text).map(([name, version]) => (version === '' ? { name } : { name, version }));
const place = fc.record({ traceId: digits(32), spanId: digits(16) });

const span: fc.Arbitrary<SpanRecord> = fc
  .tuple(
    fc.record({
      name: text,
      kind: fc.constantFrom(SpanKind.INTERNAL, SpanKind.SERVER, SpanKind.CONSUMER),
      startTimeUnixNano: time,
      endTimeUnixNano: time,
      attributes,
      events: fc.array(fc.record({ name: text, timeUnixNano: time, attributes }), { maxLength: 3 }),
      links: fc.array(
        fc.tuple(place, attributes).map(([ids, all]) => ({ ...ids, attributes: all })),
        { maxLength: 3 },
      ),
      status: fc.oneof(
        fc.constant({ code: SpanStatusCode.UNSET }),
        fc.constant({ code: SpanStatusCode.ERROR, message: 'broken' }),
      ),
      scope,
    }),
    place,
    resource,
    fc.option(digits(16)),
  )
  .map(([parts, ids, from, parentSpanId]) => ({
    ...ids,
    ...(parentSpanId !== null && { parentSpanId }),
    ...parts,
    ...from,
  }));

const log: fc.Arbitrary<OtlpLog> = fc
  .tuple(
    fc.record({
      timeUnixNano: time,
      severityNumber: fc.nat({ max: 24 }),
      severityText: text,
      body: text,
      attributes,
    }),
    fc.oneof(place, fc.constant({})),
    resource,
    fc.option(text.filter((name) => name !== '')),
    fc.option(scope.filter(({ name }) => name !== '')),
  )
  .map(([parts, ids, from, eventName, logger]) => ({
    ...parts,
    ...ids,
    ...from,
    ...(eventName !== null && { eventName }),
    ...(logger !== null && { scope: logger }),
  }));

hold('spans and log records are the same after a way through OTLP JSON', () =>
  fc.property(fc.array(span, { maxLength: 5 }), fc.array(log, { maxLength: 5 }), (spans, logs) => {
    const written = JSON.stringify({ ...spansToOtlpJson(spans), ...logsToOtlpJson(logs) });
    const read = readOtlpJson(written);
    expect(read).toEqual({ spans: expect.any(Array), logs: expect.any(Array) });
    // They come by resource and scope.
    expect(new Set(read.spans)).toEqual(new Set(spans));
    expect(new Set(read.logs)).toEqual(new Set(logs));
  }),
);

test.each([-0, 0, 0.1, -1, 2 ** 53, 2 ** 60, 1e300, Number.NaN, Infinity, -Infinity])(
  'the number %d is the same after a way through OTLP JSON, alone and in a list',
  (each) => {
    const record: OtlpLog = {
      timeUnixNano: 1n,
      severityNumber: 9,
      severityText: 'INFO',
      body: '',
      attributes: { alone: each, list: [each, 1] },
      serviceName: '',
      resourceAttributes: {},
    };
    const [read] = readOtlpJson(JSON.stringify(logsToOtlpJson([record]))).logs;
    expect(read?.attributes['alone']).toBe(each);
    expect(read?.attributes['list']).toEqual([each, 1]);
  },
);

test('a service that is no attribute of its resource becomes one; spans of one resource and scope stand together', () => {
  const common = { traceId: '1'.repeat(32), kind: 0, startTimeUnixNano: 1n, endTimeUnixNano: 2n };
  const parts = { attributes: {}, events: [], links: [], status: { code: 0 }, resourceAttributes: {} };
  const record = (spanId: string, serviceName: string): SpanRecord => {
    return { ...common, ...parts, spanId, name: spanId, serviceName, scope: { name: 'a' } };
  };
  const spans = [
    record('1'.repeat(16), 'shop'),
    record('2'.repeat(16), 'bank'),
    record('3'.repeat(16), 'shop'),
  ];
  const written = spansToOtlpJson(spans);
  expect(written.resourceSpans).toMatchObject([
    { resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] } },
    { resource: { attributes: [{ key: 'service.name', value: { stringValue: 'bank' } }] } },
  ]);
  const read = readOtlpJson(JSON.stringify(written)).spans;
  expect(read.map(({ name, serviceName }) => [name[0], serviceName])).toEqual([
    ['1', 'shop'],
    ['3', 'shop'],
    ['2', 'bank'],
  ]);
});
