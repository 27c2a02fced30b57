import { TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, Span } from '@opentelemetry/sdk-trace';

import type { ExportReport } from '../tracing-report.ts';
import { ConsoleSpanProcessor } from './console-span-processor.ts';
import type { SpanOutput } from './span-outputs.ts';

/** Prints traces on stderr. */
export function consoleOutput(): SpanOutput {
  const console = new ConsoleSpanProcessor();
  let taken = 0;
  return {
    onStart: (span: Span) => console.onStart(span),
    onEnd(span: ReadableSpan) {
      if (span.spanContext().traceFlags & TraceFlags.SAMPLED) taken += 1;
      console.onEnd(span);
    },
    forceFlush: () => console.forceFlush(),
    shutdown: () => console.shutdown(),
    hasten: () => undefined,
    drain: () => console.forceFlush(),
    // Printing is done by the time that this returns.
    lastWords: () => void console.forceFlush(),
    report(): ExportReport {
      const { waiting } = console;
      return { exporter: 'console', taken, exported: taken - waiting, dropped: 0, waiting };
    },
  };
}
