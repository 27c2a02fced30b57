// A process that makes spans and sends them: `span-program.js SETUP MODULES DESTINATION`, the last as JSON. Its parent
// gives one order at a time over IPC.
import { setImmediate } from 'node:timers/promises';

import { type Attributes, SpanKind } from '@opentelemetry/api';

import { type Destination, startSpanTracing } from './span-tracing.ts';

/** What the parent asks for. */
export type SpanOrder =
  /** Makes the spans at once and sends them. */
  | { readonly ask: 'send'; readonly spans: number; readonly attributes: Attributes }
  /** Makes the spans, some in each turn of the event loop, and sends none on purpose. */
  | { readonly ask: 'make'; readonly spans: number; readonly attributes: Attributes }
  | { readonly ask: 'memory' };

/** CPU time of the whole process in microseconds. */
export interface SpanCost {
  readonly make: number;
  readonly send: number;
}

/** Resident memory after garbage collection. */
export interface Resident {
  readonly bytes: number;
}

/** Spans of one turn, as a service with many requests at once makes them. */
const A_TURN = 64;

const [, , setup = '', modules = '', destination = ''] = process.argv;
const { tracer, flush } = startSpanTracing(setup, modules, JSON.parse(destination) as Destination);

function make(count: number, attributes: Attributes): void {
  for (let index = 0; index < count; index++) {
    const span = tracer.startSpan('GET /hello/:name', { kind: SpanKind.SERVER });
    // One by one and with an object of its own, as spans of a service have them.
    for (const key in attributes) span.setAttribute(key, attributes[key] ?? '');
    span.end();
  }
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function answer(order: SpanOrder): Promise<SpanCost | Resident> {
  if (order.ask === 'memory') {
    for (let round = 0; round < 3; round++) globalThis.gc?.();
    return { bytes: process.memoryUsage.rss() };
  }
  const { spans, attributes } = order;
  const before = cpuMicros();
  if (order.ask === 'make') {
    for (let made = 0; made < spans; made += A_TURN) {
      make(Math.min(A_TURN, spans - made), attributes);
      await setImmediate();
    }
    return { make: cpuMicros() - before, send: 0 };
  }
  make(spans, attributes);
  const made = cpuMicros();
  await flush();
  return { make: made - before, send: cpuMicros() - made };
}

process.on('message', (order: SpanOrder) => {
  answer(order).then(
    (told) => process.send?.(told),
    (error: unknown) => process.send?.({ failure: String(error) }),
  );
});
// The parent has gone.
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });
