import { fileURLToPath } from 'node:url';

import { SpanKind } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';
import { type ServiceProcess, startOtlpReceiver, startService } from '@org/tracing-testing';
import type { ExpectedSpan } from '@org/tracing-testing/vitest';

/** What the service of this app is told, and what Node is. */
export interface SharedService {
  readonly env: Readonly<Record<string, string>>;
  readonly execArgv?: readonly string[];
  /** Orders to place one after the other; default one. */
  readonly orders?: number;
}

/** What came of it, once the process has ended. */
export interface SharedTraces {
  /** A trace for each order. */
  readonly traces: readonly (readonly SpanRecord[])[];
  /** The `traceparent` headers that arrived, of each order by fetch and by node:http. */
  readonly headers: readonly [byFetch: string[], byHttp: string[]][];
  /** What the kit said on stderr. */
  readonly said: readonly string[];
}

/** Places orders with a service of its own process and waits for its end. */
export async function tracesOf({ env, execArgv = [], orders = 1 }: SharedService): Promise<SharedTraces> {
  await using receiver = await startOtlpReceiver();
  await using service = await startService({
    entry: fileURLToPath(new URL('../dist/service.js', import.meta.url)),
    execArgv,
    env: {
      OTEL_SERVICE_NAME: 'shop',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_NODE_RESOURCE_DETECTORS: 'env',
      ...env,
    },
  });
  const headers: [string[], string[]][] = [];
  for (let order = 1; order <= orders; order++) headers.push(await placeOrder(service, order));
  const { code, signal } = await service.stop();
  if (code !== 0) throw new Error(`the service ended by ${code ?? signal}: ${service.stderr}`);
  await receiver.settled();
  return {
    traces: tracesBelowOrders(receiver.spans),
    headers,
    said: service.stderr.split('\n').filter((line) => line.startsWith('[tracing]')),
  };
}

async function placeOrder({ url }: ServiceProcess, order: number): Promise<[string[], string[]]> {
  const response = await fetch(`${url}/orders/${order}`);
  if (response.status !== 200) throw new Error(`an order was answered by ${response.status}`);
  return (await response.json()) as [string[], string[]];
}

/** Traces that begin with a request, in their order; what others trace at the start of a program is left out. */
function tracesBelowOrders(spans: readonly SpanRecord[]): SpanRecord[][] {
  const roots = spans.filter(
    ({ kind, parentSpanId }) => kind === SpanKind.SERVER && parentSpanId === undefined,
  );
  return roots
    .toSorted((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano))
    .map(({ traceId }) => withoutLayers(spans.filter((span) => span.traceId === traceId)));
}

/** Takes INTERNAL spans, of layers and of sockets, out of a trace; what is below them moves up. */
function withoutLayers(spans: readonly SpanRecord[]): SpanRecord[] {
  const internal = new Map(
    spans.filter(({ kind }) => kind === SpanKind.INTERNAL).map((span) => [span.spanId, span]),
  );
  const above = (parent: string | undefined): string | undefined => {
    const layer = parent === undefined ? undefined : internal.get(parent);
    return layer ? above(layer.parentSpanId) : parent;
  };
  return spans
    .filter(({ spanId }) => !internal.has(spanId))
    .map(({ parentSpanId, ...span }) => {
      const parent = above(parentSpanId);
      return { ...span, ...(parent !== undefined && { parentSpanId: parent }) };
    });
}

/** One order as one trace: a request, a call of each kind, and a query where there is a database. */
export function orderTrace({
  query,
  extra = [],
}: { query?: string; extra?: ExpectedSpan[] } = {}): ExpectedSpan {
  const call: ExpectedSpan = {
    kind: 'CLIENT',
    name: 'GET',
    status: 'UNSET',
    attributes: { 'http.response.status_code': 200 },
    children: [
      {
        service: 'shop',
        kind: 'SERVER',
        name: 'GET /stock/:sku',
        status: 'UNSET',
        attributes: { 'http.route': '/stock/:sku', 'http.response.status_code': 200 },
      },
    ],
  };
  return {
    service: 'shop',
    kind: 'SERVER',
    name: 'GET /orders/:id',
    status: 'UNSET',
    attributes: { 'http.route': '/orders/:id', 'http.response.status_code': 200 },
    children: [
      call,
      call,
      ...(query === undefined ? [] : [{ kind: 'CLIENT' as const, name: query }]),
      ...extra,
    ],
  };
}
