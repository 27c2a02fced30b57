import { hold } from '@org/fuzz';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { expect, test } from 'vitest';

import { OtlpRequestError } from '../src/index.ts';
import { otlpDecoder } from '../src/otlp-decoding.ts';
import { traceRequest } from '../src/otlp-definitions.ts';
import { completeLimits } from '../src/otlp-limits.ts';
import { spanRecords } from '../src/span-records.ts';
import { post, servedHandler, SPAN_ID, spanRequest, TRACE_ID } from './support/served-handler.ts';

const limits = completeLimits();
const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const ids = { traceId: Buffer.from(TRACE_ID, 'hex'), spanId: Buffer.from(SPAN_ID, 'hex') };

function encoded(...spans: object[]): Buffer {
  return Buffer.from(traceRequest.encode({ resourceSpans: [{ scopeSpans: [{ spans }] }] }).finish());
}

const integer = (value: bigint): object => ({
  intValue: { low: Number(value & 0xffffffffn), high: Number(value >> 32n) },
});

hold(
  'any bytes are read, or refused with the reason',
  () => {
    const decoder = otlpDecoder();
    const name = fc.string({ unit: 'binary' });
    const span = fc.record({
      name,
      attributes: fc.array(fc.record({ key: name, value: fc.record({ stringValue: name }) })),
    });
    const whole = fc
      .array(span, { maxLength: 4 })
      .map((spans) => encoded(...spans.map((each) => ({ ...ids, ...each }))));
    const broken = fc
      .tuple(whole, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 5 }))
      .map(([body, changes]) => {
        for (const [place, byte] of changes) body[place % body.length] = byte;
        return body;
      });
    const bytes = fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each));
    return fc.property(
      fc.oneof(whole, broken, bytes),
      fc.constantFrom('protobuf', 'json'),
      (body, encoding) => {
        try {
          spanRecords(decoder.traces(body, encoding, limits), limits);
        } catch (error) {
          expect(error).toBeInstanceOf(OtlpRequestError);
          expect((error as OtlpRequestError).status).toBe(400);
        }
      },
    );
  },
  { runs: 1000 },
);

hold('texts are the same whether they have come before or not', () => {
  const decoder = otlpDecoder();
  const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary-ascii', maxLength: 3 }));
  return fc.property(fc.array(text), (texts) => {
    const spans = texts.map((name) => ({ ...ids, name }));
    const { records } = spanRecords(decoder.traces(encoded(...spans, ...spans), 'protobuf', limits), limits);
    expect(records.map(({ name }) => name)).toEqual([...texts, ...texts]);
  });
});

test('bytes that are no UTF-8 are shown as U+FFFD', async () => {
  const { url, spans } = await servedHandler();
  const body = encoded({ ...ids, name: 'work!' });
  body[body.indexOf('work!') + 4] = 0xff;
  expect((await post(`${url}/v1/traces`, body, PROTOBUF)).status).toBe(200);
  expect(spans.map(({ name }) => name)).toEqual(['work\uFFFD']);
});

test('integers of 64 bits are numbers as far as these are exact, and their digits beyond', async () => {
  const { url, spans } = await servedHandler();
  const values = [
    0n,
    1n,
    127n,
    128n,
    2n ** 28n - 1n,
    2n ** 28n,
    2n ** 31n,
    2n ** 35n - 1n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 63n - 1n,
    -1n,
    -(2n ** 53n),
    -(2n ** 63n),
  ];
  const attributes = values.map((value, index) => ({ key: `k${index}`, value: integer(value) }));
  expect((await post(`${url}/v1/traces`, encoded({ ...ids, attributes }), PROTOBUF)).status).toBe(200);
  const json = values.map((value, index) => ({ key: `k${index}`, value: { intValue: String(value) } }));
  await post(`${url}/v1/traces`, spanRequest({ traceId: TRACE_ID, spanId: SPAN_ID, attributes: json }));
  const expected = values.map((value) =>
    Number.isSafeInteger(Number(value)) ? Number(value) : String(value),
  );
  expect(spans.map((span) => Object.values(span.attributes))).toEqual([expected, expected]);
});

test('values in values are read to a depth of some thirty, and refused beyond', async () => {
  const { url, spans } = await servedHandler();
  const nested = (depth: number): object =>
    depth === 0
      ? { stringValue: 'x' }
      : { kvlistValue: { values: [{ key: 'a', value: nested(depth - 1) }] } };
  const span = (depth: number): object => ({ ...ids, attributes: [{ key: 'map', value: nested(depth) }] });
  expect((await post(`${url}/v1/traces`, encoded(span(30)), PROTOBUF)).status).toBe(200);
  expect(spans[0]?.attributes['map']).toMatch(/^(\{"a":){30}"x"/);
  // One that protobufjs does not write: a list in a list, fifty times.
  const fields = [...Array.from({ length: 50 }, () => [1, 5]).flat(), 2, 9, 2, 2, 1];
  const deep = fields.reduce<Uint8Array>(
    (body, field) =>
      protobuf.Writer.create()
        .uint32((field << 3) | 2)
        .bytes(body)
        .finish(),
    Buffer.alloc(0),
  );
  const answer = await post(`${url}/v1/traces`, deep, PROTOBUF);
  expect([answer.status, answer.body.toString()]).toEqual([
    400,
    expect.stringContaining('max depth exceeded'),
  ]);
  const json = JSON.stringify({
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    attributes: [{ key: 'map', value: nested(500) }],
  });
  const inJson = `{"resourceSpans":[{"scopeSpans":[{"spans":[${json}]}]}]}`;
  expect((await post(`${url}/v1/traces`, inJson)).status).toBe(400);
  expect((await post(`${url}/v1/traces`, '['.repeat(1_000_000))).status).toBe(400);
});

test('a key of __proto__ is an attribute like any other', async () => {
  const { url, spans } = await servedHandler();
  const attributes = [{ key: '__proto__', value: { stringValue: 'x' } }];
  await post(`${url}/v1/traces`, encoded({ ...ids, attributes }), PROTOBUF);
  expect(Object.entries(spans[0]?.attributes ?? {})).toEqual([['__proto__', 'x']]);
});

test('a varint without an end, and a length past the body, are refused', async () => {
  const { url } = await servedHandler();
  const endless = Buffer.concat([Buffer.from([0x0a]), Buffer.alloc(20, 0xff)]);
  const long = Buffer.from(protobuf.Writer.create().uint32(0x0a).uint32(0x7fffffff).finish());
  for (const body of [endless, long])
    expect((await post(`${url}/v1/traces`, body, PROTOBUF)).status).toBe(400);
});
