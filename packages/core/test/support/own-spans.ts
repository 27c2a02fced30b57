import type { Tracer } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { onTestFinished } from 'vitest';

import { createSampling } from '../../src/sdk/sampler.ts';
import { resolveSpanLimits } from '../../src/sdk/span-limits.ts';
import { SpanPipeline } from '../../src/sdk/span-pipeline.ts';
import {
  RestartableTracerProvider,
  runProvider,
  type TracerProviderConfig,
} from '../../src/sdk/tracer-provider.ts';

/** A tracer that makes spans of our own, which are kept, until the test has finished; nothing is registered. */
export function ownSpans(config: Partial<TracerProviderConfig> = {}): {
  readonly provider: RestartableTracerProvider;
  readonly tracer: Tracer;
  readonly spans: () => ReadableSpan[];
} {
  const exporter = new InMemorySpanExporter();
  const provider = new RestartableTracerProvider({
    resource: emptyResource(),
    sampling: createSampling('parentbased_always_on', undefined),
    limits: resolveSpanLimits(),
    processor: new SpanPipeline([new SimpleSpanProcessor(exporter)], []),
    ...config,
  });
  onTestFinished(runProvider(provider));
  return { provider, tracer: provider.getTracer('test', '1.0.0'), spans: () => exporter.getFinishedSpans() };
}
