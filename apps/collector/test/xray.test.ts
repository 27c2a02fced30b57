import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { readCollectorConfig } from '../src/collector-config.ts';
import { taskFaults } from '../src/task-faults.ts';
import { typeErrors } from '../src/typed-documents.ts';
import { asMapping, at, items, ROOT } from '../src/yaml-files.ts';
import type { Mapping, Value } from '../src/yaml-files.ts';
import type { Loose } from './broken.ts';

const config = readCollectorConfig(['xray/collector.yaml']);
const task = readJson('task-definition.json');

test('the task definition is what AWS registers, without a property that it does not know', () => {
  const wrong = structuredClone<Mapping>(task) as unknown as Loose;
  Object.assign(wrong['containerDefinitions']?.['1'] ?? {}, { essentials: false });
  const other = structuredClone<Mapping>(task) as unknown as Loose;
  Object.assign(other, { networkMode: 'vpc' });
  const [right, unknown, value] = typeErrors(
    [task, wrong, other].map((document) => ({
      document,
      module: '@aws-sdk/client-ecs',
      type: 'RegisterTaskDefinitionCommandInput',
    })),
  ).map(String);
  expect(right).toBe('');
  expect(unknown).toContain('"essentials"\' does not exist');
  expect(value).toContain('"vpc"');
});

test.each(['collector.yaml', 'collector-otlp.yaml'])('a task starts with %s', (file) => {
  expect(taskFaults(task, readCollectorConfig([`xray/${file}`]))).toEqual([]);
});

test('the task definition has the text of collector.yaml', () => {
  const [, collector] = items(task['containerDefinitions']);
  expect(items(at(collector, 'environment'))).toContainEqual({
    name: 'AOT_CONFIG_CONTENT',
    value: readFileSync(`${ROOT}xray/collector.yaml`, 'utf8'),
  });
});

test('the role of the task allows what is done, and nothing else', () => {
  expect(items(readJson('task-role-policy.json')['Statement'])).toEqual([
    { Sid: 'SendTraces', Effect: 'Allow', Action: ['xray:PutTraceSegments'], Resource: '*' },
  ]);
});

test.each<[string, (application: Loose, collector: Loose, task: Loose) => void, string[]]>([
  [
    'an application that waits for the health of its collector',
    (application) =>
      Object.assign(application, { dependsOn: [{ containerName: 'collector', condition: 'HEALTHY' }] }),
    ['the application waits for another container'],
  ],
  [
    'a task that ends with its collector',
    (_application, collector) => Object.assign(collector, { essential: true }),
    ['the task ends with its collector'],
  ],
  [
    'a collector that stays away',
    (_application, collector) => delete collector['restartPolicy'],
    ['a collector that ends is not started again'],
  ],
  [
    'a collector without configuration',
    (_application, collector) => unset(collector, 'AOT_CONFIG_CONTENT'),
    ['the collector has no configuration'],
  ],
  [
    'a collector without its region',
    (_application, collector) => unset(collector, 'AWS_REGION'),
    ['AWS_REGION is not set'],
  ],
  [
    'a secret',
    (_application, collector) => Object.assign(collector, { secrets: [{ name: 'KEY', valueFrom: 'arn' }] }),
    ['the start of the task depends on a secret of the collector'],
  ],
  [
    'a port that is open',
    (_application, collector) => Object.assign(collector, { portMappings: [{ containerPort: 4318 }] }),
    ['the collector has a port outside of the task'],
  ],
  [
    'little memory',
    (_application, collector) => Object.assign(collector, { memory: 128 }),
    ['the collector is not within 80 % of its memory'],
  ],
  [
    'much memory',
    (_application, collector) => Object.assign(collector, { memory: 2048 }),
    ['the containers take more memory than the task has'],
  ],
  [
    'another address',
    (application) => set(application, 'OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector:4318'),
    ['nothing listens on http://collector:4318'],
  ],
  [
    'an application without a name',
    (application) => unset(application, 'OTEL_SERVICE_NAME'),
    ['the application has no name'],
  ],
  [
    'an application that is told more',
    (application) => set(application, 'OTEL_TRACES_SAMPLER', 'always_on'),
    ['the application is told OTEL_TRACES_SAMPLER too'],
  ],
  [
    'log lines elsewhere',
    (_application, collector) => set(collector, 'COLLECTOR_LOG_GROUP', '/ecs/other'),
    ['X-Ray looks for log lines in /ecs/other, and they are in /ecs/shop'],
  ],
  [
    'containers with a loopback each',
    (_application, _collector, whole) => Object.assign(whole, { networkMode: 'bridge' }),
    ['containers do not share their loopback'],
  ],
  [
    'no collector',
    (_application, collector) => Object.assign(collector, { image: 'busybox:1.36' }),
    ['there is no collector'],
  ],
])('a task is told of: %s', (_what, change, faults) => {
  const wrong = structuredClone<Mapping>(task) as unknown as Loose;
  const [application, collector] = Object.values(wrong['containerDefinitions'] ?? {}) as [Loose, Loose];
  change(application, collector, wrong);
  expect(taskFaults(wrong as unknown as Mapping, config)).toEqual(faults);
});

function set(container: Loose, name: string, value: string): void {
  unset(container, name);
  const others = Object.values(container['environment'] ?? {});
  Object.assign(container, { environment: [...others, { name, value }] });
}

function unset(container: Loose, name: string): void {
  const left = Object.values(container['environment'] ?? {}).filter(
    (variable) => String(variable?.['name']) !== name,
  );
  Object.assign(container, { environment: left });
}

function readJson(file: string): Mapping {
  return asMapping(JSON.parse(readFileSync(`${ROOT}xray/${file}`, 'utf8')) as Value, file);
}
