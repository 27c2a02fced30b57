import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { otlpSink, spanNames } from './support/otlp-sink.ts';
import { collectWarnings, oneSpan, started } from './support/started.ts';

function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/tls/${name}`, import.meta.url));
}

async function exportOne(
  environment: Readonly<Record<string, string>>,
  options: Parameters<typeof started>[0] = {},
): Promise<void> {
  const handle = started(options, environment);
  oneSpan();
  await handle.forceFlush();
  await handle.shutdown();
}

test.each([
  ['the default', {}, 'application/x-protobuf'],
  ['http/protobuf', { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }, 'application/x-protobuf'],
  ['http/json', { OTEL_EXPORTER_OTLP_PROTOCOL: 'HTTP/JSON' }, 'application/json'],
  [
    'http/json for traces alone',
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' },
    'application/json',
  ],
])('OTEL_EXPORTER_OTLP_PROTOCOL: %s', async (_name, environment, contentType) => {
  const sink = await otlpSink();
  await exportOne({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, ...environment });
  const [received] = sink.received;
  expect(received?.headers['content-type']).toBe(contentType);
  expect(received?.body.includes('unknown_service')).toBe(true);
});

test.each([
  ['OTEL_EXPORTER_OTLP_ENDPOINT', '', '/v1/traces'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', '/', '/v1/traces'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', '/base/', '/base/v1/traces'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', '/base?token=1', '/base/v1/traces?token=1'],
  ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', '', '/'],
  ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', '/custom?token=1', '/custom?token=1'],
])('%s=<collector>%s sends to %s', async (name, path, expected) => {
  const sink = await otlpSink();
  await exportOne({ [name]: sink.url + path });
  expect(sink.received.map(({ url }) => url)).toEqual([expected]);
});

test('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT wins over OTEL_EXPORTER_OTLP_ENDPOINT', async () => {
  const sink = await otlpSink();
  const other = await otlpSink();
  await exportOne({
    OTEL_EXPORTER_OTLP_ENDPOINT: other.url,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${sink.url}/traces`,
  });
  expect(sink.received).toHaveLength(1);
  expect(other.received).toEqual([]);
});

test.each(['http/protobuf', 'http/json'])(
  'over %s a header that cannot be sent is left out, and the others go with every export',
  async (protocol) => {
    const warnings = collectWarnings();
    const sink = await otlpSink();
    await exportOne({
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_HEADERS: 'wrong=s3cret%0Ax,x-token=right',
    });
    const [received] = sink.received;
    expect(received?.headers).toMatchObject({ 'x-token': 'right' });
    expect(received?.headers).not.toHaveProperty('wrong');
    expect(warnings).toEqual([
      'OTEL_EXPORTER_OTLP_HEADERS: entry 1 is not a header as name=value, percent-encoded; it is left out',
    ]);
  },
);

test('OTEL_EXPORTER_OTLP_HEADERS are sent, percent-decoded, and _TRACES_HEADERS win over them', async () => {
  const warnings = collectWarnings();
  const sink = await otlpSink();
  await exportOne({
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'X-Both=general, x-token=a%20b=c',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-both=traces',
  });
  expect(sink.received[0]?.headers).toMatchObject({ 'x-both': 'traces', 'x-token': 'a b=c' });
  expect(warnings).toEqual([]);
});

test.each([
  ['none by default', {}, undefined],
  ['OTEL_EXPORTER_OTLP_COMPRESSION=GZIP', { OTEL_EXPORTER_OTLP_COMPRESSION: 'GZIP' }, 'gzip'],
  [
    'OTEL_EXPORTER_OTLP_TRACES_COMPRESSION=none over gzip',
    { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip', OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'none' },
    undefined,
  ],
])('compression: %s', async (_name, environment, encoding) => {
  const sink = await otlpSink();
  await exportOne({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, ...environment });
  expect(sink.received[0]?.headers['content-encoding']).toBe(encoding);
  expect(sink.received[0]?.body.includes('unknown_service')).toBe(true);
});

test.each(['OTEL_EXPORTER_OTLP_TIMEOUT', 'OTEL_EXPORTER_OTLP_TRACES_TIMEOUT'])(
  '%s bounds one export',
  async (name) => {
    const warnings = collectWarnings();
    const sink = await otlpSink({ answer: () => new Promise(() => undefined) });
    await exportOne({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, [name]: '20' }, { shutdownTimeoutMillis: 1 });
    expect(warnings).toEqual([
      expect.stringContaining('no answer within 20 ms'),
      '1 span(s) were lost by the shutdown: they were not sent in time',
    ]);
  },
);

test('OTEL_EXPORTER_OTLP_CERTIFICATE names who is trusted to have signed the collector', async () => {
  const tls = { cert: readFileSync(fixture('server.pem')), key: readFileSync(fixture('server-key.pem')) };
  const sink = await otlpSink({ tls });
  const warnings = collectWarnings();
  await exportOne({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.url }, { shutdownTimeoutMillis: 1 });
  expect(warnings).toEqual([
    expect.stringMatching(/unable to verify the first certificate.*OTEL_EXPORTER_OTLP_CERTIFICATE/),
    '1 span(s) were lost by the shutdown: they were not sent in time',
  ]);
  await exportOne({
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_EXPORTER_OTLP_CERTIFICATE: fixture('ca.pem'),
  });
  expect(sink.received).toHaveLength(1);
});

test.each(['', 'TRACES_'])(
  'OTEL_EXPORTER_OTLP_%sCLIENT_CERTIFICATE and _CLIENT_KEY are shown to the collector',
  async (signal) => {
    const ca = readFileSync(fixture('ca.pem'));
    const cert = readFileSync(fixture('server.pem'));
    const key = readFileSync(fixture('server-key.pem'));
    const sink = await otlpSink({ tls: { ca, cert, key, requestCert: true, rejectUnauthorized: true } });
    await exportOne({
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      [`OTEL_EXPORTER_OTLP_${signal}CERTIFICATE`]: fixture('ca.pem'),
      [`OTEL_EXPORTER_OTLP_${signal}CLIENT_CERTIFICATE`]: fixture('client.pem'),
      [`OTEL_EXPORTER_OTLP_${signal}CLIENT_KEY`]: fixture('client-key.pem'),
    });
    expect(sink.received.map(({ client }) => client)).toEqual(['dispatcher']);
  },
);

test('every OTEL_EXPORTER_OTLP_ variable has an option in code, which wins over it', async () => {
  const tls = {
    ca: readFileSync(fixture('ca.pem')),
    cert: readFileSync(fixture('server.pem')),
    key: readFileSync(fixture('server-key.pem')),
    requestCert: true,
  };
  const sink = await otlpSink({ tls });
  const other = await otlpSink();
  const environment = {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: other.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-env=1,x-both=env',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
    OTEL_EXPORTER_OTLP_TIMEOUT: '1',
  };
  const otlp = {
    endpoint: `${sink.url}/base`,
    protocol: 'http/json',
    headers: { 'x-both': 'code' },
    timeoutMillis: 20_000,
    compression: 'gzip',
    certificate: fixture('ca.pem'),
    clientCertificate: fixture('client.pem'),
    clientKey: fixture('client-key.pem'),
  } as const;
  await exportOne(environment, { otlp });
  await exportOne(environment, { otlp: { ...otlp, tracesEndpoint: `${sink.url}/whole` } });
  expect(sink.received.flatMap(spanNames)).toEqual(['span', 'span']);
  expect(sink.received.map(({ url, client }) => [url, client])).toEqual([
    ['/base/v1/traces', 'dispatcher'],
    ['/whole', 'dispatcher'],
  ]);
  expect(sink.received[0]?.headers).toMatchObject({
    'x-env': '1',
    'x-both': 'code',
    'content-encoding': 'gzip',
  });
  expect(other.received).toEqual([]);
});

test("the exporter's own calls make no span", async () => {
  const sink = await otlpSink();
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
  const handle = started({ outgoingHttp: { requireParent: false } }, environment);
  oneSpan();
  await handle.forceFlush();
  await handle.shutdown();
  expect(sink.received.flatMap(spanNames)).toEqual(['span']);
  expect(sink.received[0]?.headers).not.toHaveProperty('traceparent');
});
