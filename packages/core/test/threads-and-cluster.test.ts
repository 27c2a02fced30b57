import { expect, test } from 'vitest';

import { runChild } from './support/child.ts';
import { otlpSink, spanNames } from './support/otlp-sink.ts';

const CLUSTER = new URL('fixtures/cluster.mjs', import.meta.url);
const UUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/;

function environmentFor(url: string): Record<string, string> {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
}

test('initTracing works in worker threads, each with tracing of its own, beside that of the main thread', async () => {
  const sink = await otlpSink();
  const child = runChild(
    `
      import { Worker } from 'node:worker_threads';
      import { initTracing, withSpan } from '@org/tracing-core';
      initTracing({ serviceName: 'main', shutdownTimeoutMillis: 60_000 });
      withSpan('main', () => undefined);
      const source = \`import('@org/tracing-core').then(({ initTracing, withSpan }) => {
        initTracing({ shutdownTimeoutMillis: 60_000 });
        withSpan('thread', () => undefined);
      });\`;
      new Worker(source, { eval: true });
      new Worker(source, { eval: true });
    `,
    environmentFor(sink.url),
  );
  expect(await child.exit).toEqual({ code: 0, signal: null, stderr: '' });
  expect(sink.received.flatMap(spanNames).toSorted()).toEqual(['main', 'thread', 'thread']);
});

test('initTracing works in the primary and the workers of a cluster, each its own instance', async () => {
  const sink = await otlpSink();
  const child = runChild(CLUSTER, environmentFor(sink.url));
  expect(await child.line()).toBe('ready');
  child.write('disconnect');
  expect(await child.line()).toBe('ended 0 null');
  expect(await child.exit).toEqual({ code: 0, signal: null, stderr: '' });
  expect(sink.received.flatMap(spanNames).toSorted()).toEqual(['primary', 'worker']);
  const instances = sink.received.map(({ body }) => UUID.exec(body.toString())?.[0]);
  expect(new Set(instances).size).toBe(2);
});

test('a cluster worker that is killed by its primary sends its spans and dies by the signal', async () => {
  const sink = await otlpSink();
  const child = runChild(CLUSTER, environmentFor(sink.url));
  expect(await child.line()).toBe('ready');
  child.write('kill');
  expect(await child.line()).toBe('ended null SIGTERM');
  expect(await child.exit).toEqual({ code: 0, signal: null, stderr: '' });
  expect(sink.received.flatMap(spanNames).toSorted()).toEqual(['primary', 'worker']);
});
