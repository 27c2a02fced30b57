import { expect, test } from 'vitest';

import { doctor } from '../src/doctor/doctor.ts';
import type { InitTracingOptions } from '../src/sdk/options.ts';
import { complaints, finding } from './support/codes.ts';
import { collectWarnings, started } from './support/started.ts';

const ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const TRACES_ENDPOINT = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
const PROTOCOL = 'OTEL_EXPORTER_OTLP_PROTOCOL';

/** Codes of what the doctor says of these settings, and would not say of a named service that exports by OTLP. */
async function complaintsOf(
  environment: Readonly<Record<string, string>>,
  options: InitTracingOptions = {},
): Promise<readonly string[]> {
  collectWarnings();
  started(options, { OTEL_SERVICE_NAME: 'shop', [ENDPOINT]: 'http://localhost:4318', ...environment });
  const always = ['loggers-none', 'plugins-none', 'spans-none'];
  return complaints(await doctor()).filter((code) => !always.includes(code));
}

test('nothing is wrong with a service that has a name and an endpoint', async () => {
  expect(await complaintsOf({})).toEqual([]);
});

test.each<[string, Record<string, string>]>([
  ['disabled', { OTEL_SDK_DISABLED: 'true' }],
  ['disabled', { OTEL_SDK_DISABLED: 'true', [ENDPOINT]: '', OTEL_TRACES_SAMPLER: 'traceidratio' }],
  ['service-unknown', { OTEL_SERVICE_NAME: '' }],
  ['sampler-off', { OTEL_TRACES_SAMPLER: 'always_off' }],
  ['sampler-off', { OTEL_TRACES_SAMPLER: 'parentbased_always_off' }],
  ['sampler-off', { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }],
  ['sampler-ratio', { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' }],
  ['setting-invalid', { OTEL_TRACES_SAMPLER: 'sometimes' }],
  ['setting-invalid', { OTEL_PROPAGATORS: 'tracecontext,pigeon' }],
  ['setting-invalid', { OTEL_BSP_MAX_QUEUE_SIZE: 'many' }],
  ['setting-invalid', { OTEL_SPAN_EVENT_COUNT_LIMIT: '-1' }],
  ['setting-invalid', { OTEL_RESOURCE_ATTRIBUTES: 'nonsense' }],
  ['setting-invalid', { [ENDPOINT]: 'localhost:4318' }],
  ['setting-invalid', { OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere/ca.pem' }],
  ['setting-misspelt', { OTEL_EXPORTER_OLTP_HEADERS: 'x=y' }],
  ['setting-misspelt', { OTEL_EXPORTER_OTLP_TRACE_HEADERS: 'x=y' }],
  ['setting-misspelt', { OTEL_PROPAGATORSS: 'b3' }],
  ['setting-misspelt', { OTEL_TRACES_SAMPLES: 'always_on' }],
  ['setting-misspelt', { OTEL_SERVICENAME: 'shop' }],
  ['propagators-none', { OTEL_PROPAGATORS: 'none' }],
  ['propagators-none', { OTEL_PROPAGATORS: 'baggage' }],
  ['propagators-not-w3c', { OTEL_PROPAGATORS: 'b3' }],
  ['exporter-none', { OTEL_TRACES_EXPORTER: 'none' }],
  ['exporter-console', { [ENDPOINT]: '' }],
  ['exporter-console', { OTEL_TRACES_EXPORTER: 'console' }],
  ['endpoint-port', { [ENDPOINT]: 'http://localhost:4317' }],
  ['endpoint-port', { [ENDPOINT]: 'http://localhost:4318', [PROTOCOL]: 'grpc' }],
  ['endpoint-path', { [ENDPOINT]: 'http://localhost:4318/v1/traces' }],
  ['endpoint-path', { [TRACES_ENDPOINT]: 'http://localhost:4318' }],
  ['endpoint-https', { [ENDPOINT]: 'https://localhost:4318' }],
])('%s: %j', async (code, environment) => {
  expect(await complaintsOf(environment)).toEqual([code]);
});

test('samplers that record everything, ports that fit, and TLS elsewhere are all right', async () => {
  expect(await complaintsOf({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '1' })).toEqual(
    [],
  );
});

test('port 4317 is all right for gRPC, and TLS to another machine', async () => {
  expect(await complaintsOf({ [ENDPOINT]: 'https://collector.example:4317', [PROTOCOL]: 'grpc' })).toEqual(
    [],
  );
});

test('what other parts of OpenTelemetry read is no slip', async () => {
  const others = [
    'OTEL_LOGS_EXPORTER',
    'OTEL_BLRP_SCHEDULE_DELAY',
    'OTEL_NODE_RESOURCE_DETECTORS',
    'OTEL_ENTITIES',
  ];
  expect(await complaintsOf(Object.fromEntries(others.map((name) => [name, '1'])))).toEqual([]);
});

test('outgoing-off: outgoing calls are left out by an option', async () => {
  expect(await complaintsOf({}, { outgoingHttp: false })).toEqual(['outgoing-off']);
});

test('where tracing is switched off nothing is said of where spans go, nor which are recorded', async () => {
  collectWarnings();
  started({ disabled: true }, { OTEL_SERVICE_NAME: 'shop' });
  const codes = (await doctor()).findings.map(({ code }) => code);
  expect(codes).toContain('disabled');
  expect(codes.filter((code) => /^(?:sampler|exporter|endpoint)/.test(code))).toEqual([]);
});

test('the name of the service is that of the code, where the environment has another', async () => {
  collectWarnings();
  started({ serviceName: 'orders', exporter: 'none' }, { OTEL_SERVICE_NAME: 'shop' });
  expect(finding(await doctor(), 'service')?.message).toBe('The service is called orders');
});

test('options in code are what counts, whatever the environment says', async () => {
  const options: InitTracingOptions = {
    serviceName: 'shop',
    exporter: 'otlp',
    otlp: { endpoint: 'http://localhost:4318' },
    sampler: 'always_on',
    propagators: ['tracecontext'],
    disabled: false,
  };
  const environment = {
    OTEL_SDK_DISABLED: 'true',
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_TRACES_SAMPLER: 'always_off',
    OTEL_PROPAGATORS: 'none',
    [ENDPOINT]: 'http://localhost:4317',
  };
  expect(await complaintsOf(environment, options)).toEqual([]);
});

test('a wrong value is said in the words in which it is warned about, and nobody hears it a second time', async () => {
  const warnings = collectWarnings();
  started({ serviceName: 'shop' }, { [ENDPOINT]: 'http://localhost:4318', OTEL_TRACES_SAMPLER: 'sometimes' });
  const before = [...warnings];
  const report = await doctor();
  expect(before).toContain(finding(report, 'setting-invalid')?.message);
  expect(warnings).toEqual(before);
});

test('credentials are in no report: not those of a URL, right or wrong, and no header', async () => {
  collectWarnings();
  started(
    {},
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'htp://user:secret@collector',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://user:secret@collector/v1/traces?key=secret',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=secret',
    },
  );
  const report = await doctor();
  expect(report.exporters).toEqual([
    { name: 'otlp', protocol: 'http/protobuf', url: 'http://REDACTED@collector/v1/traces?REDACTED' },
  ]);
  expect(finding(report, 'setting-invalid')?.message).toContain('htp://collector');
  expect(JSON.stringify(report)).not.toContain('secret');
});

test('an exporter and a sampler of the application go by their own names', async () => {
  class Pigeon {
    export(): void {
      throw new Error('never asked');
    }
    async shutdown(): Promise<void> {
      // It has nothing.
    }
  }
  collectWarnings();
  started({
    serviceName: 'shop',
    exporter: new Pigeon(),
    sampler: { shouldSample: () => ({ decision: 0 }) },
  });
  const report = await doctor();
  expect(report.exporters).toEqual([{ name: 'Pigeon' }]);
  expect(finding(report, 'exporter')).toMatchObject({ level: 'ok', message: 'Spans go to Pigeon' });
  expect(report.sampler).toBe("the application's own");
  expect(complaints(report)).toEqual(['plugins-none', 'loggers-none', 'spans-none']);
});
