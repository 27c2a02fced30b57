import type * as api from '@opentelemetry/api';

import type { Load, Setup } from './setup.ts';

/** `--require @opentelemetry/auto-instrumentations-node/register` has done everything. */
export function setUpAuto(load: Load): Setup {
  const { ProxyTracerProvider, trace } = load('@opentelemetry/api') as typeof api;
  const proxy = trace.getTracerProvider();
  const provider = proxy instanceof ProxyTracerProvider ? proxy.getDelegate() : proxy;
  return { flush: () => (provider as unknown as { forceFlush(): Promise<void> }).forceFlush() };
}

/** `--require dd-trace/init` has done everything. */
export function setUpDatadog(load: Load): Setup {
  // There is no public flush: what waits is sent every two seconds, too long for a measurement to wait.
  const { _tracer: tracer } = load('dd-trace') as {
    _tracer: { _exporter: { flush(done: () => void): void } };
  };
  return { flush: () => new Promise((resolve) => tracer._exporter.flush(resolve)) };
}
