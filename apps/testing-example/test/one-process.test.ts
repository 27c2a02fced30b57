import { collectSpans } from '@org/tracing-testing';
import { traceMatchers } from '@org/tracing-testing/vitest';
import { expect, test } from 'vitest';

expect.extend(traceMatchers);

test('a report is read from the database', async () => {
  await using spans = collectSpans({ serviceName: 'reports' });
  await spans.tracer.startActiveSpan('report', async (report) => {
    spans.tracer.startSpan('read database', { attributes: { rows: 2 } }).end();
    report.end();
  });
  await spans.settled();
  expect(spans.spans).toMatchTraceTree({
    name: 'report',
    children: [{ name: 'read database', attributes: { rows: expect.any(Number) } }],
  });
});
