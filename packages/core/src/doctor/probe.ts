import http from 'node:http';
import https from 'node:https';
import net from 'node:net';

import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';

import { addressOf } from '../one-line.ts';
import { causeOf } from '../sdk/export-cause.ts';
import type { OtlpSettings } from '../sdk/otlp-settings.ts';
import type { ProbeReport } from './doctor-report.ts';
import { endpointParts } from './endpoint-findings.ts';

/** What came of a probe, with what tells its cause. */
export interface ProbeAnswer {
  readonly report: ProbeReport;
  readonly protocol: OtlpSettings['protocol'];
  /** The code of the error: `ECONNREFUSED`. */
  readonly errorCode?: string;
  readonly contentType?: string;
}

/** How long an answer is waited for. */
export const PROBE_MILLIS = 5000;

/** Sends one empty export as the exporter would, or, for gRPC, opens a connection. Makes no spans and never rejects. */
export async function probe(otlp: OtlpSettings): Promise<ProbeAnswer> {
  const started = performance.now();
  const { protocol } = otlp;
  const work = protocol === 'grpc' ? connect : send;
  const { connected, status, contentType, error } = await context.with(
    suppressTracing(context.active()),
    async () => {
      try {
        return await work(otlp);
      } catch (thrown) {
        // A header that Node refuses, say.
        return { connected: false, error: thrown };
      }
    },
  );
  const errorCode = error === undefined ? undefined : codeOf(error);
  return {
    report: {
      url: addressOf(otlp.url),
      connected,
      ...(status !== undefined && { status }),
      millis: Math.round(performance.now() - started),
      ...(error !== undefined && { error: errorCode === TIMED_OUT ? NO_ANSWER : causeOf(error) }),
    },
    protocol,
    ...(errorCode !== undefined && { errorCode }),
    ...(contentType !== undefined && { contentType }),
  };
}

/** The code of what the signal of a request ends it with. */
export const TIMED_OUT = 'ABORT_ERR';

const NO_ANSWER = `no answer within ${PROBE_MILLIS / 1000} s`;

interface Outcome {
  readonly connected: boolean;
  readonly status?: number;
  readonly contentType?: string;
  readonly error?: unknown;
}

/** Nothing is an empty export in protobuf. */
const EMPTY = { 'http/protobuf': '', 'http/json': '{"resourceSpans":[]}' };
const CONTENT_TYPE = { 'http/protobuf': 'application/x-protobuf', 'http/json': 'application/json' };

function send({ url, protocol, headers, tls }: OtlpSettings): Promise<Outcome> {
  const format = protocol === 'http/json' ? 'http/json' : 'http/protobuf';
  const body = EMPTY[format];
  const begin = url.startsWith('https:') ? https.request : http.request;
  return new Promise((resolve) => {
    let connected = false;
    const request = begin(url, {
      method: 'POST',
      headers: { 'content-type': CONTENT_TYPE[format], 'content-length': body.length, ...headers },
      agent: false,
      signal: AbortSignal.timeout(PROBE_MILLIS),
      ...tls,
    });
    request.on('response', (response) => {
      const { statusCode: status, headers: answered } = response;
      const contentType = answered['content-type'];
      resolve({ connected, ...(status && { status }), ...(contentType && { contentType }) });
      // What else it says is of no use here, and may be long. Its end is no error of anybody's.
      request.on('error', ignore);
      response.on('error', ignore).destroy();
    });
    request.on('error', (error) => resolve({ connected, error }));
    request.on('socket', (socket) => socket.once('connect', () => (connected = true)));
    request.end(body);
  });
}

/** No more than that: an export by gRPC would need its package. */
function connect({ url }: OtlpSettings): Promise<Outcome> {
  const { hostname, port, protocol } = endpointParts(url);
  const standard = protocol === 'http:' ? 80 : 443;
  return new Promise((resolve) => {
    const socket = net.connect({
      // Brackets are of the URL, not of the address.
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: port === '' ? standard : Number(port),
      signal: AbortSignal.timeout(PROBE_MILLIS),
    });
    socket.on('error', (error) => resolve({ connected: false, error }));
    socket.on('connect', () => {
      resolve({ connected: true });
      socket.destroy();
    });
  });
}

function ignore(): void {
  // The answer is known by then.
}

function codeOf(error: unknown): string {
  // A name with several addresses, none of which answers, gives one error of several.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const { code } = Object(first) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}
