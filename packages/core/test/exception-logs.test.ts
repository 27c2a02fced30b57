import { expect, test } from 'vitest';

import { hasLoggerProvider } from '../src/exception-signal.ts';
import { withSpan } from '../src/with-span.ts';
import { otlpSink, type ReceivedExport } from './support/otlp-sink.ts';
import { collectWarnings, started } from './support/started.ts';

const OPT_IN = { OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: 'logs/dup' };

interface LogsRequest {
  readonly resourceLogs: readonly {
    readonly resource: { readonly attributes: readonly { readonly key: string; readonly value: unknown }[] };
    readonly scopeLogs: readonly { readonly logRecords: readonly Record<string, unknown>[] }[];
  }[];
}

function fail(): string {
  let traceId = '';
  expect(() =>
    withSpan('work', (span) => {
      ({ traceId } = span.spanContext());
      throw new TypeError('not that');
    }),
  ).toThrow('not that');
  return traceId;
}

function logsOf(received: readonly ReceivedExport[]): ReceivedExport[] {
  return received.filter(({ url }) => url === '/v1/logs');
}

test('where exceptions are to be log records, they are sent to the collector of the spans', async () => {
  const sink = await otlpSink();
  const handle = started(
    { serviceName: 'shop' },
    { ...OPT_IN, OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
  );
  expect(hasLoggerProvider()).toBe(true);
  const traceId = fail();
  await handle.shutdown();
  expect(hasLoggerProvider()).toBe(false);

  const [received, ...others] = logsOf(sink.received);
  expect(others).toEqual([]);
  const { resourceLogs } = JSON.parse(String(received?.body)) as LogsRequest;
  const [{ resource, scopeLogs } = { resource: undefined, scopeLogs: [] }] = resourceLogs;
  expect(resource?.attributes).toContainEqual({ key: 'service.name', value: { stringValue: 'shop' } });
  expect(scopeLogs[0]?.logRecords).toMatchObject([{ eventName: 'exception', severityNumber: 17, traceId }]);
  expect(sink.received.map(({ url }) => url)).toContain('/v1/traces');
});

test('as protobuf too, which is the default, and forceFlush sends them', async () => {
  const sink = await otlpSink();
  const handle = started({}, { ...OPT_IN, OTEL_EXPORTER_OTLP_ENDPOINT: sink.url });
  fail();
  await handle.forceFlush();
  const [received] = logsOf(sink.received);
  expect(received?.headers['content-type']).toBe('application/x-protobuf');
  expect(String(received?.body)).toContain('not that');
});

test.each([
  ['nobody asks for them', {}],
  ['no collector is named', { ...OPT_IN, OTEL_TRACES_EXPORTER: 'none' }],
])('no logger provider is made where %s', (_where, environment) => {
  collectWarnings();
  started({ exporter: 'none' }, environment);
  expect(hasLoggerProvider()).toBe(false);
});

test('shutdown takes the logger provider away, and tracing may be set up again with another', async () => {
  const first = await otlpSink();
  const second = await otlpSink();
  for (const sink of [first, second]) {
    const handle = started({}, { ...OPT_IN, OTEL_EXPORTER_OTLP_ENDPOINT: sink.url });
    fail();
    await handle.shutdown();
    expect(logsOf(sink.received)).toHaveLength(1);
  }
  expect(logsOf(first.received)).toHaveLength(1);
});
