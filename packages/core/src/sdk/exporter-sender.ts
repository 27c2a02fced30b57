import type { SpanExporter } from '@opentelemetry/sdk-trace';

import { causeOf } from './export-cause.ts';
import type { ExportOutcome, SpanSender } from './span-sender.ts';

/** What an exporter has in common with those of other signals. */
type Sending = Pick<SpanExporter, 'export' | 'forceFlush' | 'shutdown'>;

/**
 * Sends by an exporter of the SDK's interface, which has done what it can, retries included, when it says that it
 * failed: unless `judge` knows better, the spans are lost.
 */
export function exporterSender(
  name: string,
  exporter: Sending,
  judge: (error: unknown) => ExportOutcome = refused,
): SpanSender {
  return {
    name,
    async send(spans, { timeoutMillis, signal }) {
      return new Promise((resolve) => {
        const finish = (outcome: ExportOutcome): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', giveUp);
          resolve(outcome);
        };
        const giveUp = (): void =>
          finish(judge(new Error(`no result within ${Math.round(timeoutMillis)} ms`)));
        const timer = setTimeout(giveUp, timeoutMillis).unref();
        signal.addEventListener('abort', giveUp);
        try {
          const returned: unknown = exporter.export([...spans], ({ code, error }) => {
            // By number, since the SDK and this package may hold different copies of the enumeration: 0 is success.
            finish(Number(code) === 0 ? { kind: 'delivered' } : judge(error ?? 'no reason given'));
          });
          // An async function passes for one that returns nothing; what it rejects with would end the process.
          if (returned instanceof Promise) returned.catch((error: unknown) => finish(judge(error)));
        } catch (error) {
          finish(judge(error));
        }
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: async () => exporter.shutdown(),
  };
}

function refused(error: unknown): ExportOutcome {
  return { kind: 'refused', cause: causeOf(error) };
}
