import type { StoreCounts } from './api.ts';
import { version } from './version.ts';

/** By which another viewer knows that the port is one's. */
export const NAME = '@org/tracing-viewer';

/** What `/healthz` answers. */
export function health(counts: StoreCounts): object {
  return { status: 'ok', name: NAME, version, traces: counts.traces, spans: counts.spans, logs: counts.logs };
}
