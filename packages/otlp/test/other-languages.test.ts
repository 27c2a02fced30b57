import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { expect, test } from 'vitest';

import { readOtlpJson } from '../src/index.ts';
import { logsFromJson, tracesFromJson } from '../src/otlp-decoding.ts';
import { logsRequest, traceRequest } from '../src/otlp-definitions.ts';
import { post, type ServedHandler, servedHandler } from './support/served-handler.ts';

function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8');
}

/** As the SDKs send it. */
function packed(name: string): Buffer {
  const parsed: unknown = JSON.parse(fixture(name));
  const body = name.endsWith('traces')
    ? traceRequest.encode(tracesFromJson(parsed))
    : logsRequest.encode(logsFromJson(parsed));
  return gzipSync(body.finish());
}

const ways: Record<string, (name: string) => Promise<Pick<ServedHandler, 'spans' | 'logs'>>> = {
  'protobuf and gzip': async (name) => {
    const served = await servedHandler();
    const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
    const path = name.endsWith('traces') ? '/v1/traces' : '/v1/logs';
    expect((await post(served.url + path, packed(name), headers)).status).toBe(200);
    return served;
  },
  JSON: async (name) => {
    const served = await servedHandler();
    const path = name.endsWith('traces') ? '/v1/traces' : '/v1/logs';
    expect((await post(served.url + path, fixture(name))).status).toBe(200);
    return served;
  },
  'a file': async (name) => {
    const { spans, logs } = readOtlpJson(fixture(name));
    return { spans: [...spans], logs: [...logs] };
  },
};

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

for (const [way, read] of Object.entries(ways)) {
  test(`a span as Python's SDK makes it is read by ${way}`, async () => {
    const { spans } = await read('python-traces');
    expect(spans).toEqual([
      {
        traceId: TRACE_ID,
        spanId: '00f067aa0ba902b7',
        parentSpanId: 'b9c7c989f97918e1',
        name: 'GET /invoices/<id>',
        kind: SpanKind.SERVER,
        startTimeUnixNano: 1_760_000_000_100_000_000n,
        endTimeUnixNano: 1_760_000_000_250_000_001n,
        attributes: {
          'http.method': 'GET',
          'http.route': '/invoices/<id>',
          'http.status_code': 500,
          'net.host.port': 5000,
          'http.request.header.accept': ['*/*'],
        },
        events: [
          {
            name: 'exception',
            timeUnixNano: 1_760_000_000_240_000_000n,
            attributes: {
              'exception.type': 'ZeroDivisionError',
              'exception.message': 'division by zero',
              'exception.escaped': 'False',
            },
          },
        ],
        links: [],
        status: { code: SpanStatusCode.ERROR, message: 'ZeroDivisionError: division by zero' },
        serviceName: 'billing',
        resourceAttributes: {
          'telemetry.sdk.language': 'python',
          'telemetry.sdk.name': 'opentelemetry',
          'telemetry.sdk.version': '1.30.0',
          'service.name': 'billing',
          'telemetry.auto.version': '0.51b0',
        },
        scope: { name: 'opentelemetry.instrumentation.flask', version: '0.51b0' },
      },
    ]);
  });

  test(`log records as Python's SDK makes them are read by ${way}`, async () => {
    const { logs } = await read('python-logs');
    const common = {
      serviceName: 'billing',
      resourceAttributes: { 'telemetry.sdk.language': 'python', 'service.name': 'billing' },
      scope: { name: 'billing.invoices' },
    };
    expect(logs).toEqual([
      {
        traceId: TRACE_ID,
        spanId: '00f067aa0ba902b7',
        timeUnixNano: 1_760_000_000_230_000_000n,
        severityNumber: 17,
        severityText: 'ERROR',
        body: 'invoice 7 cannot be split',
        attributes: { 'code.function': 'split', 'code.lineno': 42 },
        ...common,
      },
      {
        timeUnixNano: 1_760_000_000_231_000_000n,
        severityNumber: 9,
        severityText: 'INFO',
        eventName: 'invoice.refused',
        body: '{"invoice":7,"parts":[0,"none"]}',
        attributes: {},
        ...common,
      },
    ]);
  });

  test(`spans as Go's SDK makes them are read by ${way}`, async () => {
    const { spans } = await read('go-traces');
    expect(spans).toMatchObject([
      {
        traceId: TRACE_ID,
        name: 'HTTP GET',
        kind: SpanKind.CLIENT,
        attributes: {
          'http.request.method': 'GET',
          'server.port': 5000,
          retry: false,
          weight: 0.25,
          digest: '3q2+7w==',
          'order.id': '9007199254740993',
        },
        links: [
          {
            traceId: '5b8efff798038103d269b633813fc60c',
            spanId: 'eee19b7ec3c1b174',
            attributes: { 'messaging.batch': 3 },
          },
        ],
        status: { code: SpanStatusCode.UNSET },
        serviceName: 'gateway',
        resourceAttributes: { 'process.command_args': ['/app/gateway', '-v'], 'process.pid': 1 },
        scope: { name: 'go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp', version: '0.61.0' },
      },
      { name: 'parse', kind: SpanKind.INTERNAL, attributes: {}, status: { code: SpanStatusCode.OK } },
    ]);
    expect(spans.map(({ parentSpanId }) => parentSpanId)).toEqual([undefined, 'b9c7c989f97918e1']);
  });
}
