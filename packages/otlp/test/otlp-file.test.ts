import { expect, test } from 'vitest';

import { readOtlpJson } from '../src/index.ts';
import { SPAN_ID, spanRequest, TRACE_ID } from './support/served-handler.ts';

const traces = spanRequest({ traceId: TRACE_ID, spanId: SPAN_ID, name: 'work', kind: 'SPAN_KIND_SERVER' });
const logs = JSON.stringify({
  resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'line' } }] }] }],
});
const metrics = '{"resourceMetrics":[]}';

test('an object a line is read, as the file exporter of the Collector writes it', () => {
  const { spans, logs: lines, ...rest } = readOtlpJson(`\uFEFF${traces}\n${logs}\r\n\n${metrics}\n`);
  // Others write kinds as names.
  expect(spans).toMatchObject([{ name: 'work', kind: 1 }]);
  expect(lines).toMatchObject([{ body: 'line' }]);
  expect(rest).toEqual({});
});

test('one object with both is read, over many lines too', () => {
  const both = { ...JSON.parse(traces), ...JSON.parse(logs) };
  const read = readOtlpJson(JSON.stringify(both, null, 2));
  expect([read.spans.length, read.logs.length]).toEqual([1, 1]);
});

test('a last line that breaks off is left out, and so is what has no valid ids', () => {
  const read = readOtlpJson(`${spanRequest({ name: 'lost' })}\n${traces}\n${traces.slice(0, 50)}`);
  expect(read.spans).toHaveLength(1);
  expect(read.partial?.rejected).toBe(1);
  expect(read.partial?.message).toMatch(
    /^line 3 breaks off and was left out: .*; 1 span was refused: trace_id of span "lost": expected/,
  );
});

test.each([
  ['', /^the text is empty: expected OTLP JSON$/],
  [' \n', /^the text is empty/],
  ['{"data": []}', /^the text is no OTLP JSON: expected an object with resourceSpans or resourceLogs$/],
  ['[]', /^the text is no OTLP JSON/],
  ['trace', /^the text is no JSON: /],
  ['{\n"resourceSpans": [\n}', /^the text is no JSON: /],
  [`${traces}\n{\n${traces}`, /^line 2 is no JSON: /],
  [`${traces}\n7\n${traces}`, /^line 2 is no OTLP JSON: expected an object/],
  ['{"resourceSpans":[{"scopeSpans":{}}]}', /^the text is no OTLP JSON: .*scopeSpans: array expected/],
])('%j is an error that says what is wrong', (text, reason) => {
  expect(() => readOtlpJson(text)).toThrow(reason);
});
