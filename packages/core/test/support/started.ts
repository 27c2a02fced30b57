import { diag, DiagLogLevel, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { onTestFinished } from 'vitest';

import { initTracing, type TracingHandle } from '../../src/init-tracing.ts';
import type { InitTracingOptions } from '../../src/sdk/options.ts';

/** Sets variables of the environment, and nothing else beginning with `OTEL_`, until the test has finished. */
export function setEnvironment(variables: Readonly<Record<string, string>>): void {
  const before = process.env;
  const kept = Object.entries(before).filter(([name]) => !name.startsWith('OTEL_'));
  process.env = { ...Object.fromEntries(kept), ...variables };
  onTestFinished(() => {
    process.env = before;
  });
}

/** Starts tracing under these variables until the test has finished. */
export function started(
  options: InitTracingOptions,
  environment: Readonly<Record<string, string>> = {},
): TracingHandle {
  setEnvironment(environment);
  const handle = initTracing(options);
  onTestFinished(() => handle.shutdown());
  return handle;
}

/** Starts tracing, runs `work`, stops, and gives the spans that came out of it. */
export async function spansOf(
  work: () => void,
  options: InitTracingOptions = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<readonly ReadableSpan[]> {
  const exporter = new InMemorySpanExporter();
  const handle = started({ exporter, ...options }, environment);
  work();
  await handle.forceFlush();
  const spans = exporter.getFinishedSpans();
  await handle.shutdown();
  return spans;
}

/** Makes one root span. */
export function oneSpan(name = 'span'): void {
  trace.getTracer('test').startSpan(name).end();
}

/** What is said at level warning or above, as an application's own logger sees it. */
export function collectWarnings(): readonly string[] {
  const messages: string[] = [];
  const say = (message: string): number => messages.push(message);
  diag.setLogger({ error: say, warn: say, info: say, debug: say, verbose: say }, DiagLogLevel.WARN);
  onTestFinished(() => diag.disable());
  return messages;
}
