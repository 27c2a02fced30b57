// Fails, for the test that looks at what a person sees then.
import test from 'node:test';

import { collectSpans } from '@org/tracing-testing';
import { assertTraceTree } from '@org/tracing-testing/assert';

await test('a report is read from the database', async (t) => {
  const spans = collectSpans({ serviceName: 'reports' });
  t.after(() => spans.close());
  spans.tracer.startActiveSpan('report', (report) => {
    spans.tracer.startSpan('read cache').end();
    report.end();
  });
  assertTraceTree(spans.spans, { name: 'report', children: [{ name: 'read database' }] });
});
