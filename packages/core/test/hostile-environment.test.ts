import { diag, DiagLogLevel, type DiagLogger } from '@opentelemetry/api';
import { garbled, hasControl, hold, hostileText, secretWord } from '@org/fuzz';
import fc from 'fast-check';
import { expect, onTestFinished } from 'vitest';

import { readHttpServerOptions } from '../src/http-server-options.ts';
import { initTracing } from '../src/init-tracing.ts';
import { readLogLevels } from '../src/log-levels.ts';
import { gcpProjectOf, logFormatOf } from '../src/log-settings.ts';
import { setEnvironment } from './support/started.ts';

const number = garbled('0', '1', '512', '2147483647', '2147483648', '1e3', '0.5', '-1', 'Infinity');
const flag = garbled('true', 'FALSE');
const url = garbled('http://127.0.0.1:9', 'https://127.0.0.1/base?x=y#z', '127.0.0.1:4317', 'unix:/tmp/x');
const headers = garbled('api-key=secret,x-y=a%20b', 'authorization=Basic%20eA==');
const file = garbled('/nowhere/ca.pem', '.', '/etc/hostname');
const protocol = garbled('http/protobuf', 'http/json', 'grpc');
const compression = garbled('gzip', 'none');
const names = garbled('^/health$,^/x/', 'x-a,x-.*', '(', '[', 'GET,PUT');

/** Every variable that is read, with texts that come near to what it may be. */
const VARIABLES: Readonly<Record<string, fc.Arbitrary<string>>> = {
  OTEL_SDK_DISABLED: flag,
  OTEL_SERVICE_NAME: garbled('shop'),
  OTEL_RESOURCE_ATTRIBUTES: garbled('service.version=1.2,deployment.environment.name=a%20b'),
  OTEL_PROPAGATORS: garbled('tracecontext,baggage', 'b3,b3multi,xray', 'none'),
  OTEL_TRACES_EXPORTER: garbled('otlp', 'console', 'none'),
  OTEL_TRACES_SAMPLER: garbled('parentbased_traceidratio', 'always_off'),
  OTEL_TRACES_SAMPLER_ARG: number,
  OTEL_METRICS_EXPORTER: garbled('otlp', 'console', 'none'),
  OTEL_METRIC_EXPORT_INTERVAL: number,
  OTEL_METRIC_EXPORT_TIMEOUT: number,
  OTEL_LOG_LEVEL: garbled('debug', 'none'),
  OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: garbled('logs', 'logs/dup'),
  OTEL_NODE_EXCLUDED_URLS: names,
  OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS: names,
  OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST: names,
  OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE: names,
  OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST: names,
  OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE: names,
  OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SANITIZE_FIELDS: names,
  LOG_LEVEL: garbled('info,db=debug,http.*=warn'),
  LOG_FORMAT: garbled('json', 'pretty'),
  GOOGLE_CLOUD_PROJECT: garbled('my-shop'),
  ...Object.fromEntries(
    ['SCHEDULE_DELAY', 'EXPORT_TIMEOUT', 'MAX_QUEUE_SIZE', 'MAX_EXPORT_BATCH_SIZE'].map((name) => [
      `OTEL_BSP_${name}`,
      number,
    ]),
  ),
  ...Object.fromEntries(
    [
      'ATTRIBUTE_VALUE_LENGTH',
      'ATTRIBUTE_COUNT',
      'SPAN_ATTRIBUTE_VALUE_LENGTH',
      'SPAN_ATTRIBUTE_COUNT',
      'SPAN_EVENT_COUNT',
      'SPAN_LINK_COUNT',
      'EVENT_ATTRIBUTE_COUNT',
      'LINK_ATTRIBUTE_COUNT',
    ].map((name) => [`OTEL_${name}_LIMIT`, number]),
  ),
  ...Object.fromEntries(
    ['', 'TRACES_', 'METRICS_', 'LOGS_'].flatMap((signal) =>
      Object.entries({
        ENDPOINT: url,
        HEADERS: headers,
        TIMEOUT: number,
        COMPRESSION: compression,
        PROTOCOL: protocol,
        CERTIFICATE: file,
        CLIENT_CERTIFICATE: file,
        CLIENT_KEY: file,
      }).map(([name, value]) => [`OTEL_EXPORTER_OTLP_${signal}${name}`, value]),
    ),
  ),
};

const environment = fc
  .dictionary(fc.constantFrom(...Object.keys(VARIABLES)), fc.nat(), { maxKeys: 8 })
  .chain((chosen) =>
    fc.record(
      Object.fromEntries(
        Object.keys(chosen).map((name) => [
          name,
          fc.oneof(VARIABLES[name] ?? hostileText(), hostileText(3000)),
        ]),
      ),
    ),
  );

/** What is said at level warning or above, as an application's own logger is told. */
function collectSaid(): string[] {
  const said: string[] = [];
  const say: DiagLogger['warn'] = (...parts) => void said.push(parts.map(String).join(' '));
  diag.setLogger({ error: say, warn: say, info: say, debug: say, verbose: say }, DiagLogLevel.WARN);
  onTestFinished(() => diag.disable());
  return said;
}

/** Starts what reads the variables, and stops it. */
async function startAndStop(): Promise<void> {
  const handle = initTracing({ shutdownTimeoutMillis: 1 });
  readHttpServerOptions({}).isExcluded('/path', { headers: {} } as never);
  readLogLevels(undefined, undefined).of('http.client');
  logFormatOf(undefined);
  gcpProjectOf(undefined);
  await handle.shutdown();
}

function checkSaid(said: string[], secret?: string): void {
  for (const message of said.splice(0)) {
    if (hasControl(message)) throw new Error(`said with a control character: ${JSON.stringify(message)}`);
    if (secret !== undefined && message.includes(secret)) throw new Error(`told a secret: ${message}`);
    // 300 characters of a value, each as an escape of eight at most, and 1000 of an error.
    expect(message.length).toBeLessThan(12_000);
  }
}

hold(
  'environment: nothing in a variable makes initTracing throw, or break a line of its warnings',
  () => {
    setEnvironment({});
    const said = collectSaid();
    return fc.asyncProperty(environment, async (variables) => {
      process.env = variables;
      await startAndStop();
      checkSaid(said);
    });
  },
  { runs: 300 },
);

/** Where credentials stand in the address of a collector, MARK being one. */
const ADDRESSES = [
  'http://user:MARK@127.0.0.1:9/v1/traces',
  'ftp://user:MARK@127.0.0.1',
  'http://user:MARK@not a host',
  'http://us@er:p?aMARK@[',
  'user:MARK@127.0.0.1:4317',
  '//MARK@host',
  'https://127.0.0.1:x/?api-key=MARK',
  'wss://127.0.0.1/#fragment=MARK',
];

hold(
  "environment: no warning tells a collector's credentials, in an address or a header",
  () => {
    setEnvironment({});
    const said = collectSaid();
    const around = hostileText(100);
    return fc.asyncProperty(
      secretWord,
      fc.constantFrom(...ADDRESSES),
      fc.constantFrom('', 'TRACES_', 'METRICS_'),
      fc.tuple(around, around),
      protocol,
      async (secret, address, signal, [before, after], chosenProtocol) => {
        process.env = {
          [`OTEL_EXPORTER_OTLP_${signal}ENDPOINT`]: before + address.replaceAll('MARK', secret) + after,
          [`OTEL_EXPORTER_OTLP_${signal}HEADERS`]: `${before}authorization=Bearer ${secret}${after}`,
          OTEL_EXPORTER_OTLP_HEADERS: `api-key=${secret}${after}`,
          OTEL_EXPORTER_OTLP_PROTOCOL: chosenProtocol,
          OTEL_METRICS_EXPORTER: 'none',
        };
        await startAndStop();
        checkSaid(said, secret);
      },
    );
  },
  { runs: 200 },
);
