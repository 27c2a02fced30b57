import { KNOWN_PATH } from './certificates.ts';
import { type Chain, startChain } from './chain.ts';
import { type Collector, startCollector } from './collector.ts';
import type { Fault, Queue } from './faults.ts';

/** A name that no resolver may know (RFC 6761, 6.4). */
const NOWHERE = 'http://collector.invalid:4318';

/** Services with the collector to which they export. */
export interface Setting extends AsyncDisposable {
  readonly chain: Chain;
  readonly collector: Collector;
  /** Of each of the services. */
  readonly queue: Queue;
}

/** What is left at its default otherwise. */
export interface SettingOptions {
  readonly queue?: Queue | undefined;
  readonly scheduleDelayMillis?: number | undefined;
  readonly timeoutMillis?: number | undefined;
  /** Modules that are loaded into the services first. */
  readonly preload?: readonly string[];
}

/** The kit's own. */
const DEFAULT_QUEUE: Queue = { size: 2048, batch: 512 };

/** Starts services that export to a collector of their own behind such an endpoint. */
export async function startSetting(
  databaseUrl: string,
  endpoint: Fault['endpoint'],
  { queue = DEFAULT_QUEUE, scheduleDelayMillis, timeoutMillis, preload }: SettingOptions = {},
): Promise<Setting> {
  const collector = await startCollector({ tls: endpoint === 'https' });
  try {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint === 'nowhere' ? NOWHERE : collector.url,
      ...(endpoint === 'https' && { OTEL_EXPORTER_OTLP_CERTIFICATE: KNOWN_PATH }),
      OTEL_BSP_MAX_QUEUE_SIZE: String(queue.size),
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: String(queue.batch),
      ...(scheduleDelayMillis !== undefined && { OTEL_BSP_SCHEDULE_DELAY: String(scheduleDelayMillis) }),
      ...(timeoutMillis !== undefined && { OTEL_EXPORTER_OTLP_TIMEOUT: String(timeoutMillis) }),
    };
    const chain = await startChain(databaseUrl, env, preload);
    return {
      queue,
      chain,
      collector,
      async [Symbol.asyncDispose]() {
        await chain[Symbol.asyncDispose]();
        await collector[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await collector[Symbol.asyncDispose]();
    throw error;
  }
}

/** Starts services that make spans and export none. */
export function startPlainChain(databaseUrl: string): Promise<Chain> {
  return startChain(databaseUrl, { OTEL_TRACES_EXPORTER: 'none' });
}
