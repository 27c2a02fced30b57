import { createLogFormatter, type LogFormatName } from '@org/tracing-core';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import winston from 'winston';

import { readLogLine } from '../src/read-log-line.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const IDS = { traceId: TRACE, spanId: SPAN };
const NOW = 1_795_341_600_000;
const NOW_NANOS = 1_795_341_600_000_000_000n;

function read(line: object | string) {
  return readLogLine(typeof line === 'string' ? line : JSON.stringify(line), NOW);
}

test.each<LogFormatName>(['json', 'xray', 'datadog', 'gcp', 'ecs'])(
  'a line of the kit in its format %s is read whole',
  (logFormat) => {
    const format = createLogFormatter({ logFormat, gcpProjectId: 'my-shop' });
    const line = format({
      level: 'WARN',
      service: 'shop',
      message: 'stock is low',
      spanContext: { traceId: TRACE, spanId: SPAN, traceFlags: 1 },
      fields: [{ sku: 'a-1', request_id: 'r-1' }],
    });
    expect(read(line)).toMatchObject({
      ...IDS,
      level: 'WARN',
      severityNumber: 13,
      message: 'stock is low',
      service: 'shop',
      attributes: { sku: 'a-1', request_id: 'r-1' },
    });
    const { time } = /"(?:timestamp|time|@timestamp)":"(?<time>[^"]*)"/.exec(line)?.groups ?? {};
    expect(read(line)?.timeUnixNano).toBe(BigInt(Date.parse(time ?? '')) * 1_000_000n);
  },
);

test('of a plain line of the kit nothing is left over but its fields', () => {
  const line = createLogFormatter()({
    level: 'INFO',
    service: 'shop',
    message: 'ready',
    spanContext: { traceId: TRACE, spanId: SPAN, traceFlags: 1 },
    fields: [{ pieces: 2 }],
  });
  expect(read(line)).toMatchObject({ attributes: { pieces: 2 } });
  expect(Object.keys(read(line)!.attributes)).toEqual(['pieces']);
});

test('a line of the kit outside of a span, with zeros, belongs to no trace', () => {
  expect(read(createLogFormatter()({ level: 'INFO', service: 'shop', message: 'ready' }))).toBeUndefined();
});

test('a line of pino is read, with its numbers for level and time', () => {
  const lines: string[] = [];
  const log = pino({ base: null }, { write: (line: string) => void lines.push(line) });
  log.error({ trace_id: TRACE, span_id: SPAN, trace_flags: '01', pieces: 2 }, 'refused');
  const { time } = JSON.parse(lines[0]!) as { time: number };
  expect(read(lines[0]!)).toEqual({
    ...IDS,
    timeUnixNano: BigInt(time) * 1_000_000n,
    severityNumber: 17,
    level: 'ERROR',
    message: 'refused',
    service: '',
    attributes: { pieces: 2 },
    resource: {},
  });
});

test('a line of winston has no time, and gets that of its arrival', () => {
  const info = winston.format
    .json()
    .transform(
      { level: 'warn', message: 'low', trace_id: TRACE, span_id: SPAN, [Symbol.for('level')]: 'warn' },
      {},
    ) as Record<symbol, string>;
  expect(read(info[Symbol.for('message')]!)).toMatchObject({
    ...IDS,
    level: 'WARN',
    message: 'low',
    timeUnixNano: NOW_NANOS,
  });
});

test.each([
  ['X-Ray alone', { 'AWS-XRAY-TRACE-ID': `1-${TRACE.slice(0, 8)}-${TRACE.slice(8)}@${SPAN}` }],
  ['Elastic’s nested objects', { trace: { id: TRACE }, span: { id: SPAN } }],
  ['.NET and Go', { TraceId: TRACE.toUpperCase(), SpanId: SPAN.toUpperCase() }],
  ['Python', { otelTraceID: TRACE, otelSpanID: SPAN, otelTraceSampled: true }],
  ['camel case', { traceId: TRACE, spanId: SPAN }],
  ['Serilog', { '@tr': TRACE, '@sp': SPAN }],
  [
    'Google',
    { 'logging.googleapis.com/trace': `projects/p/traces/${TRACE}`, 'logging.googleapis.com/spanId': SPAN },
  ],
  ['Datadog', { 'dd.trace_id': TRACE, 'dd.span_id': BigInt(`0x${SPAN}`).toString() }],
])('ids are read in the form of %s', (_, ids) => {
  expect(read(ids)).toMatchObject(IDS);
});

test('a decimal trace id of 64 bits is one with zeros before it', () => {
  expect(read({ dd: { trace_id: '255', span_id: '16' } })).toMatchObject({
    traceId: 'ff'.padStart(32, '0'),
    spanId: '10'.padStart(16, '0'),
  });
});

test.each([
  ['seconds', 1_795_341_600.123_456, 123_456_000n],
  ['milliseconds', 1_795_341_600_123, 123_000_000n],
  ['microseconds', 1_795_341_600_123_456, 123_456_000n],
  ['nanoseconds', 1_795_341_600_123_456_000, 123_456_000n],
  ['text to the nanosecond', '2026-11-22T10:00:00.123456789Z', 123_456_789n],
  ['text with a zone', '2026-11-22T12:00:00.5+02:00', 500_000_000n],
  ['nothing that can be read', 'at noon', 0n],
])('a time is read as %s', (_, time, after) => {
  expect(read({ trace_id: TRACE, time })?.timeUnixNano).toBe(NOW_NANOS + after);
});

test.each(['web-1  | ', '[0] ', '2026-11-22T10:00:00Z stdout F '])(
  'a prefix is passed over: %j',
  (prefix) => {
    expect(read(`${prefix}{"trace_id":"${TRACE}","msg":"hello"}\r\n`)).toMatchObject({ message: 'hello' });
  },
);

test.each([
  'listening on http://127.0.0.1:3000',
  '',
  '{',
  '{"trace_id":',
  '[1,2]',
  'null',
  '{"message":"of no trace"}',
  '{"trace_id":"short","message":"x"}',
  '{"trace_id":7}',
  '{"trace":null,"dd":"x","trace_id":{"id":1}}',
  `${' '.repeat(300)}{"trace_id":"${TRACE}"}`,
])('what is no log line of a trace is left out: %j', (line) => {
  expect(read(line)).toBeUndefined();
});

test('a line that is nested without end is kept as far as it can be shown', () => {
  const line = `{"trace_id":"${TRACE}","deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  expect(JSON.stringify(read(line)?.attributes)).toMatch(/^\{"deep":\[+"…"\]+\}$/);
});

test('a field whose name is __proto__ is a field', () => {
  const log = read(`{"trace_id":"${TRACE}","__proto__":{"level":"x"}}`);
  expect(Object.keys(log!.attributes)).toEqual(['__proto__']);
  expect(log!.level).toBe('');
});

test.each(['1.7e308', '1e20', '-1'])('a time of %s is none, and the line is kept', (time) => {
  expect(read(`{"trace_id":"${TRACE}","time":${time}}`)?.timeUnixNano).toBe(NOW_NANOS);
});

test('a field of X-Ray that is an object with a toString of its own is none', () => {
  expect(read({ trace_id: TRACE, xray_trace_id: { toString: 1 } })).toMatchObject({ traceId: TRACE });
});
