import { expect, test } from 'vitest';

import { readCollectorConfig } from '../src/collector-config.ts';
import { CONFIGURATIONS } from '../src/configurations.ts';
import { pipelineFaults } from '../src/pipeline-faults.ts';
import { at } from '../src/yaml-files.ts';
import { broken } from './broken.ts';
import type { Loose } from './broken.ts';

/** What a receiver of OTLP takes over HTTP where nothing else is set. */
const HTTP_LIMIT_MIB = 20;
const GRPC_LIMIT = ['receivers', 'otlp', 'protocols', 'grpc', 'max_recv_msg_size_mib'] as const;

test.each(CONFIGURATIONS)('what the pipelines of $files use is defined, and the reverse', ({ files }) => {
  expect(pipelineFaults(readCollectorConfig(files))).toEqual([]);
});

test('what takes from applications takes traces, metrics and logs, but for X-Ray, which has traces alone', () => {
  const firsts = CONFIGURATIONS.map(({ files }) => files).filter(
    ([file = '']) => !file.endsWith('/sampling.yaml'),
  );
  for (const files of firsts) {
    const signals = readCollectorConfig(files)
      .pipelines()
      .filter(({ receivers }) => receivers.includes('otlp'))
      .map(({ id }) => id);
    const expected = files[0]?.startsWith('xray/') ? ['traces'] : ['traces', 'metrics', 'logs'];
    expect(signals, String(files)).toEqual(expected);
  }
});

test.each([
  ['gateway/sampling.yaml', 'otlp'],
  ['gateway/kafka/sampling.yaml', 'kafka'],
])('%s counts what comes before it chooses', (file, receiver) => {
  expect(readCollectorConfig([file]).pipelines()).toEqual([
    {
      id: 'traces/all',
      receivers: [receiver],
      processors: ['memory_limiter'],
      exporters: ['span_metrics', 'forward'],
    },
    {
      id: 'traces/kept',
      receivers: ['forward'],
      processors: ['tail_sampling'],
      exporters: ['otlp_http/traces'],
    },
    { id: 'metrics', receivers: ['span_metrics'], processors: [], exporters: ['otlp_http/metrics'] },
  ]);
});

test('both ways between the tiers keep a trace together', () => {
  const [direct, byKafka] = ['gateway/front.yaml', 'gateway/kafka/front.yaml'].map((file) =>
    readCollectorConfig([file]),
  );
  expect(at(direct?.source, 'exporters', 'load_balancing', 'routing_key')).toBe('traceID');
  expect(at(byKafka?.source, 'exporters', 'kafka', 'partition_traces_by_id')).toBe(true);
  const read = readCollectorConfig(['gateway/kafka/sampling.yaml']).source;
  expect(at(read, 'receivers', 'kafka', 'traces', 'topics')).toEqual([
    at(byKafka?.source, 'exporters', 'kafka', 'traces', 'topic'),
  ]);
  expect(at(read, 'receivers', 'kafka', 'traces', 'encoding')).toEqual(
    at(byKafka?.source, 'exporters', 'kafka', 'traces', 'encoding'),
  );
});

test('the second tier takes each request that the first has taken, of which it may get all', () => {
  const taken = ['gateway/front.yaml', 'gateway/kafka/front.yaml'].map((file) =>
    Number(at(readCollectorConfig([file]).source, ...GRPC_LIMIT)),
  );
  const limit = Number(at(readCollectorConfig(['gateway/sampling.yaml']).source, ...GRPC_LIMIT));
  expect(taken).toEqual([HTTP_LIMIT_MIB, HTTP_LIMIT_MIB]);
  expect(limit).toBeGreaterThan(HTTP_LIMIT_MIB);
});

test.each(['gateway/sampling.yaml', 'gateway/kafka/sampling.yaml'])(
  'no trace fills the memory of %s alone',
  (file) => {
    const { source } = readCollectorConfig([file]);
    const mib = Number(at(source, 'processors', 'tail_sampling', 'maximum_trace_size_bytes')) / 1024 ** 2;
    expect(mib).toBeGreaterThan(0);
    expect(mib).toBeLessThan(Number(at(source, 'processors', 'memory_limiter', 'limit_mib')) / 10);
  },
);

test('Kafka is read from its beginning where the group does not know a partition yet', () => {
  const { source } = readCollectorConfig(['gateway/kafka/sampling.yaml']);
  expect(at(source, 'receivers', 'kafka', 'initial_offset')).toBe('earliest');
});

const SAMPLING = 'gateway/sampling.yaml';
const XRAY = 'xray/collector.yaml';

test.each<[string, string, (config: Loose) => void, string[]]>([
  [
    'a processor that is nowhere defined',
    SAMPLING,
    ({ processors }) => delete processors?.['tail_sampling'],
    ['not defined: processors tail_sampling'],
  ],
  [
    'an exporter that no pipeline uses',
    SAMPLING,
    ({ exporters }) => Object.assign(exporters ?? {}, { debug: {} }),
    ['not used: exporters debug'],
  ],
  [
    'an extension that is not started',
    SAMPLING,
    ({ service }) => Object.assign(service ?? {}, { extensions: ['health_check'] }),
    ['not used: extensions file_storage'],
  ],
  [
    'a connector without a pipeline behind it',
    SAMPLING,
    ({ service }) => delete service?.['pipelines']?.['metrics'],
    ['not used: exporters otlp_http/metrics', 'connector span_metrics is the receiver of no pipeline'],
  ],
  [
    'a connector that nothing is given to',
    SAMPLING,
    ({ service }) => Object.assign(service?.['pipelines']?.['traces/all'] ?? {}, { exporters: ['forward'] }),
    ['connector span_metrics is the exporter of no pipeline'],
  ],
  [
    'a circle',
    SAMPLING,
    ({ service }) =>
      Object.assign(service?.['pipelines']?.['traces/all'] ?? {}, { receivers: ['otlp', 'forward'] }),
    ['connector forward leads from traces/all to itself'],
  ],
  [
    'another processor before memory_limiter',
    XRAY,
    ({ service }) =>
      Object.assign(service?.['pipelines']?.['traces'] ?? {}, { processors: ['batch', 'memory_limiter'] }),
    ['traces: memory_limiter is not the first processor', 'traces: batch is not the last processor'],
  ],
  [
    'batches made twice',
    XRAY,
    ({ exporters }) => Object.assign(exporters?.['awsxray'] ?? {}, { sending_queue: { batch: {} } }),
    ['traces: batch, and awsxray makes batches of its own'],
  ],
  [
    'a pipeline that ends nowhere',
    XRAY,
    ({ service }) => Object.assign(service?.['pipelines']?.['traces'] ?? {}, { exporters: [] }),
    ['traces has no exporter', 'not used: exporters awsxray'],
  ],
  ['no pipelines', XRAY, ({ service }) => delete service?.['pipelines'], ['there is no pipeline']],
])('it is told of: %s', (_what, file, change, faults) => {
  expect(pipelineFaults(broken(file, change))).toEqual(faults);
});
