import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { SpanRecord } from '@org/tracing-core';
import { onTestFinished } from 'vitest';

import { type OtlpExport, otlpHandler, type OtlpHandlerOptions, type OtlpLog } from '../../src/index.ts';

/** What a handler has taken, and where it listens. */
export interface ServedHandler {
  readonly url: string;
  readonly port: number;
  readonly spans: SpanRecord[];
  readonly logs: OtlpLog[];
  readonly exports: OtlpExport[];
  /** Of the requests so far, each when it was answered. */
  readonly answered: Promise<void>[];
}

/** A server of the handler alone, until the test ends. */
export async function servedHandler(options: Partial<OtlpHandlerOptions> = {}): Promise<ServedHandler> {
  const spans: SpanRecord[] = [];
  const logs: OtlpLog[] = [];
  const exports: OtlpExport[] = [];
  const answered: Promise<void>[] = [];
  const handler = otlpHandler({
    takeSpans: (taken) => void spans.push(...taken),
    takeLogs: (taken) => void logs.push(...taken),
    exports: (taken) => void exports.push(taken),
    ...options,
  });
  const server = createServer((request, response) => void answered.push(handler(request, response)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, spans, logs, exports, answered };
}

/** What a handler answered. */
export interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: Buffer;
}

/** JSON, where the headers say nothing else. */
export async function post(
  url: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  const type = response.headers.get('content-type');
  return { status: response.status, type, body: Buffer.from(await response.arrayBuffer()) };
}

export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
export const SPAN_ID = 'b7ad6b7169203331';

/** An ExportTraceServiceRequest in JSON. */
export function spanRequest(...spans: object[]): string {
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
}
