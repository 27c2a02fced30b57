import { gzipSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { countSpans } from '../src/sink/span-count.ts';

const count = (path: string, body: Buffer, isPacked = false): number =>
  countSpans({ path, body, isPacked }, import.meta.dirname);

/** A field of a message of Protocol Buffers that has a length. */
function field(number: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length =
    content.length < 128 ? [content.length] : [(content.length % 128) + 128, content.length >> 7];
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), content]);
}

test('spans of OTLP are counted over resources and scopes, whatever else is in between', () => {
  const span = field(2, field(1, Buffer.alloc(16)), Buffer.from([6 << 3, 2]), field(5, Buffer.from('GET')));
  const fixed64 = Buffer.from([(7 << 3) | 1, 1, 2, 3, 4, 5, 6, 7, 8]);
  const scope = field(2, field(1, Buffer.from('scope')), span, span, span);
  const request = Buffer.concat([
    field(1, field(1, Buffer.from('resource')), scope, field(2, span)),
    field(1, fixed64, scope),
  ]);
  expect(count('/v1/traces', request)).toBe(7);
  expect(count('/v1/traces', gzipSync(request), true)).toBe(7);
});

test('a transaction of Sentry is a span with those below it, and a list of spans has its number', () => {
  const lines = [
    { sent_at: 'now' },
    { type: 'transaction' },
    { spans: [{}, {}] },
    { type: 'span', item_count: 4 },
    { items: [{}, {}, {}, {}] },
    { type: 'client_report' },
    {},
  ];
  expect(count('/api/1/envelope/', Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n')))).toBe(
    7,
  );
});

test('what is no trace has no spans', () => {
  expect(count('/v1/metrics', field(1, field(2, field(2))))).toBe(0);
  expect(count('/telemetry/proxy/api/v2/apmtelemetry', Buffer.from('{}'))).toBe(0);
});
