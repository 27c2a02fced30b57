import { EventEmitter, once } from 'node:events';
import http, { type IncomingMessage, type RequestListener } from 'node:http';

import { SpanKind } from '@opentelemetry/api';
import type { ReadableSpan, Sampler } from '@opentelemetry/sdk-trace-node';
import { onTestFinished } from 'vitest';

import { startOutgoingHttp } from '../../src/outgoing-http.ts';
import type { OutgoingHttpOptions } from '../../src/outgoing-http-options.ts';
import { listen } from './listen.ts';
import { recordSpans } from './recorded-spans.ts';

/** Request headers as they came over the wire: every value of each. */
export type SentHeaders = NodeJS.Dict<string[]>;

export interface Outgoing {
  readonly spans: () => ReadableSpan[];
  /** The server's, which answers every request. */
  readonly url: string;
  /** What it got, in order. */
  readonly sent: readonly SentHeaders[];
  /** Resolves when the first request has arrived. */
  readonly arrived: Promise<unknown>;
  /** The one CLIENT span so far; throws where there are none or more. */
  client(): ReadableSpan;
}

export interface OutgoingSetUp {
  readonly sampler?: Sampler;
  /** In place of an empty answer. */
  readonly answer?: RequestListener;
}

/** Traces outgoing calls until the test has finished; beside it a server to be called. */
export async function outgoing(
  options?: OutgoingHttpOptions | boolean,
  { sampler, answer = (_request, response) => response.end() }: OutgoingSetUp = {},
): Promise<Outgoing> {
  const spans = recordSpans(sampler);
  onTestFinished(startOutgoingHttp(options));
  const sent: SentHeaders[] = [];
  const arrivals = new EventEmitter();
  const arrived = once(arrivals, 'request');
  const url = await listen((request, response) => {
    sent.push(request.headersDistinct);
    arrivals.emit('request');
    answer(request, response);
  });
  return {
    spans,
    url,
    sent,
    arrived,
    client() {
      const clients = spans().filter(({ kind }) => kind === SpanKind.CLIENT);
      const [client] = clients;
      if (client === undefined || clients.length > 1) {
        throw new Error(`one CLIENT span expected; got ${clients.map(({ name }) => name).join(', ')}`);
      }
      return client;
    },
  };
}

/** The `traceparent` by which a span is named on the wire. */
export function traceparentOf(span: ReadableSpan): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-0${traceFlags}`;
}

/** Calls by `fetch` and by `node:http`, reads the answer to its end, and gives its status. */
export const callers: Readonly<
  Record<string, (url: string, headers?: Record<string, string>) => Promise<number>>
> = {
  async fetch(url, headers = {}) {
    const response = await fetch(url, { headers });
    await response.text();
    return response.status;
  },
  async 'http.request'(url, headers = {}) {
    const [response] = (await once(http.get(url, { headers }), 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    return response.statusCode ?? 0;
  },
};

/** The names of {@link callers}. */
export const callerNames: readonly string[] = Object.keys(callers);
