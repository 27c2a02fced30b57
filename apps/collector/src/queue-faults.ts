import { typeOf } from './collector-config.ts';
import type { CollectorConfig } from './collector-config.ts';
import { at } from './yaml-files.ts';
import type { Value } from './yaml-files.ts';

const MIB = 1024 * 1024;

/** The queue of one exporter, of which each pipeline that uses it has one. */
export interface SendingQueue {
  readonly exporter: string;
  readonly pipelines: number;
  /** At most, in one pipeline. */
  readonly bytes: number;
  readonly storage: string | undefined;
}

/** The queues that are on, with sizes in bytes. A queue that is measured in anything else has no bound that is known. */
export function sendingQueues(config: CollectorConfig): SendingQueue[] {
  return config.components('exporters').flatMap(([exporter, options]) => {
    const queue = at(options, 'sending_queue');
    if (queue === undefined || at(queue, 'enabled') === false) return [];
    const storage = at(queue, 'storage');
    return {
      exporter,
      pipelines: config.pipelines().filter(({ exporters }) => exporters.includes(exporter)).length,
      bytes: at(queue, 'sizer') === 'bytes' ? Number(at(queue, 'queue_size')) : Infinity,
      storage: typeof storage === 'string' ? storage : undefined,
    };
  });
}

/** Bytes that all queues on disk may take together. */
export function storedBytes(config: CollectorConfig): number {
  return sendingQueues(config)
    .filter(({ storage }) => storage !== undefined)
    .reduce((sum, { bytes, pipelines }) => sum + bytes * pipelines, 0);
}

/** What the collector refuses at its start, and what it runs out of memory by, one sentence each. */
export function queueFaults(config: CollectorConfig): string[] {
  const queues = sendingQueues(config);
  const inMemory = queues
    .filter(({ storage, bytes }) => storage === undefined && Number.isFinite(bytes))
    .reduce((sum, { bytes, pipelines }) => sum + bytes * pipelines, 0);
  const limit = memoryLimit(config);
  return [
    ...queues.flatMap(({ storage, exporter }) => storageFaults(config, exporter, storage)),
    ...config
      .components('exporters')
      .flatMap(([exporter, options]) => batchFaults(exporter, at(options, 'sending_queue'))),
    ...(inMemory > limit
      ? [`queues in memory may hold ${inMemory / MIB} MiB, memory_limiter refuses from ${limit / MIB}`]
      : []),
    ...limiterFaults(config),
  ];
}

/** Bytes from which `memory_limiter` refuses. */
function memoryLimit(config: CollectorConfig): number {
  const limiter = at(config.source, 'processors', 'memory_limiter');
  return (Number(at(limiter, 'limit_mib')) - Number(at(limiter, 'spike_limit_mib'))) * MIB;
}

function limiterFaults(config: CollectorConfig): string[] {
  return config
    .components('processors')
    .filter(([id]) => typeOf(id) === 'memory_limiter')
    .flatMap(([id, options]) => {
      const limit = Number(at(options, 'limit_mib'));
      const spike = Number(at(options, 'spike_limit_mib'));
      return [
        ...(at(options, 'check_interval') === undefined
          ? [`${id} has no check_interval, and never looks`]
          : []),
        ...(spike < limit ? [] : [`${id}: spike_limit_mib ${spike} is not below limit_mib ${limit}`]),
      ];
    });
}

function storageFaults(config: CollectorConfig, exporter: string, storage: string | undefined): string[] {
  if (storage === undefined || config.startedExtensions().includes(storage)) return [];
  return [`${exporter}: the storage ${storage} is not started`];
}

function batchFaults(exporter: string, queue: Value | undefined): string[] {
  const batch = at(queue, 'batch');
  const [smallest, largest] = [Number(at(batch, 'min_size') ?? 0), Number(at(batch, 'max_size') ?? 0)];
  const [unit, queueUnit] = [at(batch, 'sizer') ?? 'items', at(queue, 'sizer') ?? 'requests'];
  return [
    ...(largest > 0 && largest < smallest
      ? [`${exporter}: batch.max_size ${largest} is below batch.min_size ${smallest}`]
      : []),
    ...(unit === 'requests' ? [`${exporter}: a batch is measured in items or bytes`] : []),
    ...(unit === queueUnit && smallest > Number(at(queue, 'queue_size'))
      ? [`${exporter}: the queue cannot hold one batch`]
      : []),
    ...(at(queue, 'storage') !== undefined && at(queue, 'wait_for_result') === true
      ? [`${exporter}: wait_for_result does not go with a storage`]
      : []),
  ];
}
