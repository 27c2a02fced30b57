import type { IncomingMessage } from 'node:http';

import { diag, DiagLogLevel } from '@opentelemetry/api';
import { logs, SeverityNumber } from '@opentelemetry/api-logs';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { expect, onTestFinished, test } from 'vitest';

import { withConsumerSpan, withProducerSpan } from '../src/messaging.ts';
import { traceHttpServer } from '../src/server-span.ts';
import { sharedState } from '../src/shared-state.ts';
import { withSpan } from '../src/with-span.ts';
import { listen } from './support/listen.ts';
import { recordSpans } from './support/recorded-spans.ts';

/** What `initTracing` makes of the variable; undefined for an environment without it. */
function optIn(value: string | undefined): void {
  delete sharedState().exceptionSignal;
  if (value === undefined) return;
  process.env['OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN'] = value;
  onTestFinished(() => {
    delete process.env['OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN'];
    delete sharedState().exceptionSignal;
  });
}

/** The log records that a provider of the application's gets. */
function recordLogs(): InMemoryLogRecordExporter {
  const exporter = new InMemoryLogRecordExporter();
  logs.setGlobalLoggerProvider(
    new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] }),
  );
  onTestFinished(() => logs.disable());
  return exporter;
}

async function failingRequest(): Promise<void> {
  const tracing = traceHttpServer<IncomingMessage>({
    scope: { name: 'test', version: '1' },
    route: () => '/r',
  });
  const url = await listen((request, response) => {
    const span = tracing.open(request);
    span.attach(response, request);
    span.recordError(new RangeError('no stock'));
    response.writeHead(500).end();
  });
  await (await fetch(url)).text();
}

const RECORD = {
  eventName: 'http.server.request.exception',
  severityNumber: SeverityNumber.ERROR,
  severityText: 'ERROR',
  attributes: {
    'exception.type': 'RangeError',
    'exception.message': 'no stock',
    'exception.stacktrace': expect.stringContaining('RangeError: no stock\n    at '),
  },
};

test.each([
  [undefined, 1, 0],
  ['logs', 0, 1],
  ['logs/dup', 1, 1],
])(
  'with OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN=%s: %i span events, %i log records',
  async (value, events, records) => {
    optIn(value);
    const spans = recordSpans();
    const exporter = recordLogs();
    await failingRequest();
    const [span] = spans();
    expect(span?.events).toHaveLength(events);
    expect(span?.status).toMatchObject({ message: 'no stock' });
    const written = exporter.getFinishedLogRecords();
    expect(written).toHaveLength(records);
    for (const record of written) {
      expect(record).toMatchObject(RECORD);
      expect(record.spanContext).toMatchObject({
        traceId: span?.spanContext().traceId,
        spanId: span?.spanContext().spanId,
      });
    }
  },
);

test('an exception of a span of the application is a record too', () => {
  optIn('logs');
  recordSpans();
  const exporter = recordLogs();
  expect(() =>
    withSpan('work', () => {
      throw new TypeError('not that');
    }),
  ).toThrow('not that');
  const [record] = exporter.getFinishedLogRecords();
  expect(record).toMatchObject({ eventName: 'exception', attributes: { 'exception.type': 'TypeError' } });
});

test('where nothing takes log records, the span keeps its event, which is said once', async () => {
  optIn('logs');
  const spans = recordSpans();
  const warnings: string[] = [];
  diag.setLogger(
    { ...console, verbose: () => undefined, warn: (message: string) => void warnings.push(message) },
    { logLevel: DiagLogLevel.WARN },
  );
  onTestFinished(() => diag.disable());
  await failingRequest();
  await failingRequest();
  expect(spans().map(({ events }) => events.length)).toEqual([1, 1]);
  expect(warnings).toEqual([expect.stringContaining('no logger provider is registered')]);
});

test('a value that it does not know is warned about, and exceptions stay span events', async () => {
  optIn('both');
  const spans = recordSpans();
  const exporter = recordLogs();
  await failingRequest();
  expect(spans()[0]?.events).toHaveLength(1);
  expect(exporter.getFinishedLogRecords()).toEqual([]);
});

test.each([
  ['messaging.send.exception', 'WARN', withProducerSpan],
  ['messaging.process.exception', 'ERROR', withConsumerSpan],
] as const)(
  'as a log record a failure of a message is a %s, %s (Q10)',
  (eventName, severityText, withMessageSpan) => {
    optIn('logs');
    const spans = recordSpans();
    const exporter = recordLogs();
    expect(() =>
      withMessageSpan({ system: 'kafka' }, {}, () => {
        throw new RangeError('no stock');
      }),
    ).toThrow('no stock');
    expect(spans()[0]).toMatchObject({ events: [], status: { message: 'no stock' } });
    expect(exporter.getFinishedLogRecords()).toMatchObject([{ eventName, severityText }]);
  },
);
