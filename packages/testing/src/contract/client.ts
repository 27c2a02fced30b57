import { once } from 'node:events';
import {
  type Agent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
} from 'node:http';
import { buffer } from 'node:stream/consumers';

/** A request of the test's, made by `node:http` since `fetch` refuses some methods and headers. */
export interface ClientRequestOptions {
  /** Default: `GET`. */
  readonly method?: string;
  /** Of several values each is a header of its own. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  /** Default: a connection of its own. */
  readonly agent?: Agent;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request and reads the whole answer. */
export async function send(url: string, options: ClientRequestOptions = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body, agent = false } = options;
  const sent = request(url, { method, headers: headers as OutgoingHttpHeaders, agent });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: (await buffer(response)).toString(),
  };
}

/** A `traceparent` of a caller outside, sampled where nothing else is said. */
export function traceparent(traceId: string, spanId: string, flags = '01'): Record<string, string> {
  return { traceparent: `00-${traceId}-${spanId}-${flags}` };
}

export const REMOTE_TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
export const REMOTE_SPAN_ID = 'b7ad6b7169203331';
