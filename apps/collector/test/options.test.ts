import { expect, test } from 'vitest';

import { readCollectorConfig } from '../src/collector-config.ts';
import { CONFIGURATIONS } from '../src/configurations.ts';
import { optionFaults } from '../src/option-faults.ts';
import { queueFaults, sendingQueues } from '../src/queue-faults.ts';
import { at } from '../src/yaml-files.ts';
import { broken } from './broken.ts';
import type { Loose } from './broken.ts';

test.each(CONFIGURATIONS)(
  'the components of $files have these options, and take these values',
  ({ files }) => {
    expect(optionFaults(readCollectorConfig(files))).toEqual([]);
  },
);

test.each(CONFIGURATIONS)(
  'the queues of $files are such as a collector starts with, and fit in memory',
  ({ files }) => {
    expect(queueFaults(readCollectorConfig(files))).toEqual([]);
  },
);

test("each queue but that of one's own machine has a size in bytes, and what is on disk is sent again for ever", () => {
  const found = CONFIGURATIONS.filter(({ files: [file = ''] }) => !file.startsWith('jaeger/')).flatMap(
    ({ files }) => {
      const config = readCollectorConfig(files);
      return sendingQueues(config).map(({ exporter, bytes, storage }) => ({
        exporter: `${files.join(' ')}: ${exporter}`,
        bounded: Number.isFinite(bytes),
        until: storage && at(config.source, 'exporters', exporter, 'retry_on_failure', 'max_elapsed_time'),
      }));
    },
  );
  expect(found.length).toBeGreaterThan(10);
  expect(found.filter(({ bounded }) => !bounded)).toEqual([]);
  expect(found.filter(({ until }) => until !== undefined && until !== '0s')).toEqual([]);
  expect(found.filter(({ until }) => until === '0s').length).toBeGreaterThan(4);
});

const SIDECAR = 'sidecar/collector.yaml';

test.each<[string, (config: Loose) => void, string]>([
  [
    'a misspelt option',
    ({ exporters }) => Object.assign(exporters?.['otlp_http']?.['sending_queue'] ?? {}, { que_size: 1 }),
    'exporters.otlp_http.sending_queue.que_size: no such option',
  ],
  [
    'a component of another name',
    (config) => Object.assign(config, { exporters: { otlphttp: { endpoint: 'http://x' } } }),
    'exporters.otlphttp: no such component',
  ],
  [
    'a time without a unit',
    ({ processors }) => Object.assign(processors?.['memory_limiter'] ?? {}, { check_interval: 1 }),
    'processors.memory_limiter.check_interval: expected duration, got 1',
  ],
  [
    'a text where there is a number',
    ({ processors }) => Object.assign(processors?.['memory_limiter'] ?? {}, { limit_mib: '200MiB' }),
    'processors.memory_limiter.limit_mib: expected whole, got "200MiB"',
  ],
  [
    'one where there is a list',
    ({ service }) => Object.assign(service ?? {}, { extensions: 'health_check' }),
    'service.extensions: expected a list, got "health_check"',
  ],
  [
    'options that were left out',
    ({ exporters }) => Object.assign(exporters ?? {}, { otlp_http: null }),
    'exporters.otlp_http: expected options, got null',
  ],
  [
    'a section of another name',
    (config) => Object.assign(config, { exporter: {} }),
    'exporter: no such section',
  ],
])('an option is told of: %s', (_what, change, fault) => {
  expect(optionFaults(broken(SIDECAR, change))).toEqual([fault]);
});

test.each<[string, (config: Loose) => void, string]>([
  [
    'a storage that is not started',
    ({ service }) => Object.assign(service ?? {}, { extensions: ['health_check'] }),
    'otlp_http: the storage file_storage is not started',
  ],
  [
    'a batch whose end is before its beginning',
    ({ exporters }) =>
      Object.assign(exporters?.['otlp_http']?.['sending_queue']?.['batch'] ?? {}, { max_size: 10 }),
    'otlp_http: batch.max_size 10 is below batch.min_size 512',
  ],
  [
    'a batch in requests',
    ({ exporters }) =>
      Object.assign(exporters?.['otlp_http']?.['sending_queue']?.['batch'] ?? {}, { sizer: 'requests' }),
    'otlp_http: a batch is measured in items or bytes',
  ],
  [
    'a queue below one batch',
    ({ exporters }) =>
      Object.assign(exporters?.['otlp_http']?.['sending_queue'] ?? {}, { sizer: 'items', queue_size: 100 }),
    'otlp_http: the queue cannot hold one batch',
  ],
  [
    'an answer that waits for the disk',
    ({ exporters }) =>
      Object.assign(exporters?.['otlp_http']?.['sending_queue'] ?? {}, { wait_for_result: true }),
    'otlp_http: wait_for_result does not go with a storage',
  ],
  [
    'queues that do not fit',
    ({ exporters }) => delete exporters?.['otlp_http']?.['sending_queue']?.['storage'],
    'queues in memory may hold 192 MiB, memory_limiter refuses from 150',
  ],
  [
    'a limiter that never looks',
    ({ processors }) => delete processors?.['memory_limiter']?.['check_interval'],
    'memory_limiter has no check_interval, and never looks',
  ],
  [
    'a spike above the limit',
    ({ processors }) =>
      Object.assign(processors?.['memory_limiter'] ?? {}, { limit_mib: 400, spike_limit_mib: 400 }),
    'memory_limiter: spike_limit_mib 400 is not below limit_mib 400',
  ],
])('a queue is told of: %s', (_what, change, fault) => {
  expect(queueFaults(broken(SIDECAR, change))).toEqual([fault]);
});
