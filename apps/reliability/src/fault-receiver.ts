import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';

import { answerSpanExport, readSpanExport, type SpanExport } from '@org/tracing-testing';

import type { Behaviour, CollectorCounts, RetryAfter } from './behaviour.ts';
import { type Certificate, KNOWN, STRANGER } from './certificates.ts';
import { listenAgain, listenBelowClients } from './ports.ts';
import { type SpanLedger, spanLedger } from './span-ledger.ts';

/** A receiver of OTLP/HTTP on 127.0.0.1 that misbehaves as it is told. */
export interface FaultReceiver {
  /** It stays the same while nobody listens there. */
  readonly port: number;
  /** Resolves when the behaviour is in force. What was under way is cut off, unanswered. */
  behave(behaviour: Behaviour): Promise<void>;
  counts(): CollectorCounts;
  close(): Promise<void>;
}

/** Starts a receiver that takes everything, over HTTP, or over HTTPS with a certificate that the services trust. */
export async function startFaultReceiver({ tls }: { readonly tls: boolean }): Promise<FaultReceiver> {
  const ledger = spanLedger();
  let behaviour: Behaviour = { does: 'accept' };
  let requests = 0;
  let flapping: NodeJS.Timeout | undefined;
  const delayed = new Set<NodeJS.Timeout>();

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    requests += 1;
    // What a fault does to a connection is an error on this side too.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    answer(behaviour, request, response, ledger, delayed).catch(() => request.socket.destroy());
  };
  const secure = tls ? createTlsServer(KNOWN, onRequest) : undefined;
  const server: Server | TlsServer = secure ?? createServer(onRequest);
  const port = await listenBelowClients(server);

  // One change after the other, those of the flapping too.
  let changed = Promise.resolve();
  const change = (work: () => Promise<void>): Promise<void> => (changed = changed.then(work));

  async function cut(): Promise<void> {
    for (const timer of delayed) clearTimeout(timer);
    delayed.clear();
    server.closeAllConnections();
  }
  async function silence(): Promise<void> {
    await cut();
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    // Who connected since has been accepted by the kernel.
    server.closeAllConnections();
    await closed;
  }
  async function listen(): Promise<void> {
    if (!server.listening) await listenAgain(server, port);
  }
  function showCertificate(certificate: Certificate): void {
    secure?.setSecureContext(certificate);
  }

  return {
    port,
    behave: (next) =>
      change(async () => {
        // Nothing changes for those who are served.
        if (behaviour.does === 'accept' && next.does === 'accept') return undefined;
        clearInterval(flapping);
        behaviour = next;
        showCertificate(next.does === 'strange-certificate' ? STRANGER : KNOWN);
        if (next.does === 'refuse') return silence();
        if (next.does === 'flap') {
          await silence();
          flapping = setInterval(() => {
            void change(() => (server.listening ? silence() : listen()));
          }, next.everyMillis);
          return undefined;
        }
        await cut();
        return listen();
      }),
    counts: () => ({ services: ledger.counts(), requests }),
    close: () =>
      change(async () => {
        clearInterval(flapping);
        await silence();
      }),
  };
}

async function answer(
  behaviour: Behaviour,
  request: IncomingMessage,
  response: ServerResponse,
  ledger: SpanLedger,
  delayed: Set<NodeJS.Timeout>,
): Promise<void> {
  if (behaviour.does === 'reset-request') {
    request.once('data', () => request.socket.resetAndDestroy());
    return;
  }
  // As a proxy in front of a collector does it: the size is known from the head.
  if (behaviour.does === 'status' && behaviour.status === 413) {
    response.writeHead(413).end();
    request.resume();
    return;
  }
  const received = await readSpanExport(request);
  ledger.see(received.spans);
  switch (behaviour.does) {
    case 'hang':
      return;
    case 'cut-response':
      response.writeHead(200, { 'content-type': 'application/x-protobuf', 'content-length': 1000 });
      response.write('x'.repeat(100), () => {
        ledger.accept(received.spans);
        request.socket.destroy();
      });
      return;
    case 'close':
      request.socket.destroy();
      return;
    case 'status':
      response.writeHead(behaviour.status, headersOf(behaviour.retryAfter)).end();
      return;
    case 'delay': {
      const timer = setTimeout(() => {
        delayed.delete(timer);
        accept(response, received, 0, ledger);
      }, behaviour.millis);
      delayed.add(timer);
      return;
    }
    case 'reject':
      accept(response, received, Math.min(behaviour.spans, received.spans.length), ledger);
      return;
    case 'accept':
    case 'flap':
    case 'refuse':
    case 'strange-certificate':
      accept(response, received, 0, ledger);
  }
}

function accept(
  response: ServerResponse,
  { encoding, spans }: SpanExport,
  rejected: number,
  ledger: SpanLedger,
): void {
  // An answer that nobody waits for any more makes no delivery.
  if (response.destroyed) return;
  response.once('finish', () => ledger.accept(spans.slice(rejected)));
  if (rejected === 0) answerSpanExport(response, encoding);
  else answerSpanExport(response, encoding, { rejected, message: 'the first spans are not wanted' });
}

function headersOf(retryAfter: RetryAfter | undefined): Record<string, string> {
  if (retryAfter === undefined) return {};
  const { seconds, as } = retryAfter;
  const date = new Date(Date.now() + seconds * 1000).toUTCString();
  return { 'retry-after': as === 'date' ? date : String(seconds) };
}
