// A process without an HTTP entry: the root of its trace is a span of the application's own.
import { initTracing, withSpan } from '@org/tracing-core';

const tracing = initTracing({ serviceName: 'job' });

await withSpan('nightly job', async () => {
  const response = await fetch(`${process.env['NEXT_URL']}/hop/nightly`);
  await response.text();
});
await tracing.shutdown();
