import { expect, test } from 'vitest';

import { LOG_FORMATS } from '../src/log-formats.ts';
import { createLogFormatter, formatLogLine } from '../src/log-line.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN_ID = '00f067aa0ba902b7';

test('the formatter is usable alone', () => {
  const line = formatLogLine({
    level: 'WARN',
    service: 'shop',
    logger: 'orders',
    message: 'stock is low',
    time: Date.UTC(2026, 10, 22, 10, 0, 0, 5),
    spanContext: { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 },
    fields: [{ sku: 'a-1', left: 2 }],
  });
  expect(line).toBe(
    '{"timestamp":"2026-11-22T10:00:00.005Z","level":"WARN","service":"shop","logger":"orders",' +
      `"message":"stock is low","trace_id":"${TRACE_ID}","span_id":"${SPAN_ID}","trace_flags":"01",` +
      '"sku":"a-1","left":2}',
  );
});

test('what is left out of an entry has its default: the time is now, the ids are zeros', () => {
  const before = Date.now();
  const line = JSON.parse(formatLogLine({ level: 'INFO', service: 'shop', message: '' })) as {
    timestamp: string;
  };
  expect(line).toEqual({
    timestamp: expect.any(String),
    level: 'INFO',
    service: 'shop',
    message: '',
    trace_id: '0'.repeat(32),
    span_id: '0'.repeat(16),
    trace_flags: '00',
  });
  expect(Date.parse(line.timestamp)).toBeGreaterThanOrEqual(before);
});

test.each([
  [0, '00'],
  [1, '01'],
  [3, '03'],
  [0xff, 'ff'],
])('trace flags are two hex digits: %i', (traceFlags, text) => {
  const spanContext = { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags };
  const line = formatLogLine({ level: 'INFO', service: 'shop', message: '', spanContext });
  expect(JSON.parse(line)).toMatchObject({ trace_flags: text });
});

test('a key that several objects have is written once, with the value of the last', () => {
  const fields = [{ a: 1, b: 1 }, { a: 2 }, { a: 3, message: 'theirs' }];
  const line = formatLogLine({ level: 'INFO', service: 'shop', message: 'ours', fields });
  expect(line.slice(line.indexOf('"trace_flags"'))).toBe('"trace_flags":"00","b":1,"a":3}');
});

test('a time that is none does not throw', () => {
  const line = formatLogLine({ level: 'INFO', service: 'shop', message: '', time: Number.NaN });
  expect(JSON.parse(line)).toMatchObject({ timestamp: expect.stringMatching(/Z$/) });
});

test('names with quotes and line breaks stay within their text', () => {
  const hostile = 'a"},\n\u2028\u007f\u0085\u009b{"b';
  const line = formatLogLine({ level: hostile, service: hostile, logger: hostile, message: hostile });
  expect(line).not.toMatch(/[\p{Cc}\u2028]/u);
  expect(JSON.parse(line)).toMatchObject({
    level: hostile,
    service: hostile,
    logger: hostile,
    message: hostile,
  });
});

const NO_TEXT: unknown = Object.create(null);

test.each(LOG_FORMATS)('values without a text do not throw in the format %s', (logFormat) => {
  const format = createLogFormatter({ logFormat });
  const entry = { level: 'INFO', service: 'shop', logger: 'orders', message: 'ready', time: 0 };
  for (const key of Object.keys(entry)) {
    const wrong = { ...entry, serviceVersion: NO_TEXT, environment: NO_TEXT, [key]: NO_TEXT };
    const line = format(wrong as unknown as typeof entry);
    expect(line).toContain(key === 'message' ? '[unprintable]' : 'ready');
  }
});
