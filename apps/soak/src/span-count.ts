import { SpanKind } from '@opentelemetry/api';
import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace-node';

/** Counts spans as they start and end. */
export class SpanCount implements SpanProcessor {
  started = 0;
  ended = 0;
  serverSpans = 0;

  onStart(span: Span): void {
    this.started += 1;
    if (span.kind === SpanKind.SERVER) this.serverSpans += 1;
  }

  onEnd(): void {
    this.ended += 1;
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}
