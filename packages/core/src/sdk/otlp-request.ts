import {
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
  request as httpRequest,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { version } from '../version.ts';
import type { OtlpSettings } from './otlp-settings.ts';
import type { Attempt } from './span-sender.ts';

/** What a receiver answered. */
export interface OtlpAnswer {
  readonly status: number;
  /** As `Retry-After` says it. */
  readonly retryAfterMillis: number | undefined;
  readonly contentType: string | undefined;
  readonly body: Buffer;
}

/** The receiver sent more than an answer may have; asking again would bring it again (S7). */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

/** There was no answer. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  /** Whether there was a connection by then, so that the receiver may have had the request. */
  readonly wasSent: boolean;

  constructor(cause: unknown, wasSent: boolean) {
    super('no answer', { cause });
    this.wasSent = wasSent;
  }
}

/** Bytes of an answer that are read at most (S7). */
const ANSWER_AT_MOST = 4 * 1024 * 1024;

/** Milliseconds for a connection at most: while the kernel makes one, a program that has finished cannot end. */
const CONNECT_TIMEOUT_MILLIS = 3000;

const pack = promisify(gzip);

/** Sends one body to the settings' URL. Rejects where no whole answer came. */
export type OtlpRequest = (body: Uint8Array, attempt: Attempt) => Promise<OtlpAnswer>;

/**
 * Requests over one kept connection. Neither they nor their timers hold the process: whoever wants to wait for an
 * answer at its end holds it himself.
 *
 * @returns The request, and what closes the connection.
 */
export function otlpRequest(
  { url, headers, compression, tls }: OtlpSettings,
  contentType: string,
): { readonly post: OtlpRequest; close(): void } {
  const target = new URL(url);
  const isSecure = target.protocol === 'https:';
  const agent = isSecure ? new HttpsAgent({ keepAlive: true, ...tls }) : new HttpAgent({ keepAlive: true });
  const begin = isSecure ? httpsRequest : httpRequest;
  const fields = {
    'user-agent': `org-tracing-core/${version}`,
    ...headers,
    'content-type': contentType,
    ...(compression === 'gzip' && { 'content-encoding': 'gzip' }),
  };
  function once(body: Uint8Array, { timeoutMillis, signal }: Attempt): Promise<OtlpAnswer> {
    return new Promise((resolve, reject) => {
      let answer: IncomingMessage | undefined;
      let isConnected = false;
      const fail = (error: unknown): void => {
        // Once there is an answer, its head counts.
        if (answer === undefined) reject(new NoAnswer(error, isConnected));
      };
      const options = {
        method: 'POST',
        agent,
        signal,
        headers: { ...fields, 'content-length': body.length },
      };
      const request = begin(target, options, (response) => {
        answer = response;
        readAnswer(response).then(resolve, reject);
      });
      const timer = setTimeout(() => {
        (answer ?? request).destroy(new TimeUp(`no answer within ${Math.round(timeoutMillis)} ms`));
      }, timeoutMillis).unref();
      request.on('socket', (socket) => {
        holdNothing(request, socket);
        if (!socket.connecting) isConnected = true;
        else socket.once(isSecure ? 'secureConnect' : 'connect', () => (isConnected = true));
      });
      request.on('error', (error) => {
        if (answer === undefined && isStale(request, error)) reject(new StaleConnection());
        else fail(error);
      });
      request.on('close', () => {
        clearTimeout(timer);
        fail(new Error('the connection was closed without an answer'));
      });
      request.end(body);
    });
  }
  return {
    async post(body, attempt) {
      const packed = compression === 'gzip' ? await pack(body) : body;
      try {
        return await once(packed, attempt);
      } catch (error) {
        if (!(error instanceof StaleConnection)) throw error;
        return once(packed, attempt);
      }
    },
    close: () => agent.destroy(),
  };
}

class TimeUp extends Error {
  /** As the kernel's. */
  readonly code = 'ETIMEDOUT';
}

/** The kept connection was closed at the moment when it was used again. */
class StaleConnection extends Error {}

function isStale(request: ClientRequest, error: NodeJS.ErrnoException): boolean {
  return request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

function holdNothing(request: ClientRequest, socket: Socket): void {
  socket.unref();
  if (!socket.connecting) return;
  const timer = setTimeout(() => {
    request.destroy(new TimeUp(`no connection within ${CONNECT_TIMEOUT_MILLIS} ms`));
  }, CONNECT_TIMEOUT_MILLIS).unref();
  socket.once('connect', () => clearTimeout(timer));
  socket.once('close', () => clearTimeout(timer));
}

async function readAnswer(response: IncomingMessage): Promise<OtlpAnswer> {
  const { statusCode: status = 0, headers } = response;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > ANSWER_AT_MOST) {
        throw new AnswerTooLarge(`the answer has more than ${ANSWER_AT_MOST} bytes`);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    // The head says what became of the spans; a body that breaks off says no more than why.
    if (error instanceof AnswerTooLarge) throw error;
  }
  return {
    status,
    retryAfterMillis: retryAfter(headers['retry-after']),
    contentType: headers['content-type'],
    body: Buffer.concat(chunks),
  };
}

/** Seconds, or a date (RFC 9110, section 10.2.3); undefined for anything else. */
function retryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const millis = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(millis) ? undefined : Math.max(0, millis);
}
