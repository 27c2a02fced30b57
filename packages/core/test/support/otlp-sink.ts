import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { gunzipSync } from 'node:zlib';

import { onTestFinished } from 'vitest';

/** One export as it came over the wire. */
export interface ReceivedExport {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Unpacked. */
  readonly body: Buffer;
  /** Common name of the certificate that the client showed. */
  readonly client: string | string[] | undefined;
}

export interface OtlpSink {
  readonly url: string;
  readonly received: readonly ReceivedExport[];
  /** The next export that has not been waited for. */
  next(): Promise<ReceivedExport>;
}

/** What is answered to an export. */
export interface SinkAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

export interface SinkOptions {
  readonly tls?: ServerOptions;
  /** Decides when an export is answered, and how; default at once, with 200. */
  readonly answer?: (received: ReceivedExport) => Promise<SinkAnswer | void>;
  /** Default: any that is free. */
  readonly port?: number;
}

/** A collector that takes everything and remembers it, on a free loopback port until the test has finished. */
export async function otlpSink({ tls, answer, port = 0 }: SinkOptions = {}): Promise<OtlpSink> {
  const received: ReceivedExport[] = [];
  const unseen: ReceivedExport[] = [];
  const waiting: ((request: ReceivedExport) => void)[] = [];
  const listener: RequestListener = (request, response) => {
    void buffer(request).then(async (packed) => {
      const export_: ReceivedExport = {
        url: request.url ?? '',
        headers: request.headers,
        body: request.headers['content-encoding'] === 'gzip' ? gunzipSync(packed) : packed,
        client: tls && (request.socket as TLSSocket).getPeerCertificate().subject?.CN,
      };
      received.push(export_);
      const waiter = waiting.shift();
      if (waiter) waiter(export_);
      else unseen.push(export_);
      const { status = 200, headers, body } = (await answer?.(export_)) ?? {};
      // Nothing is an empty answer in protobuf.
      const contentType = request.headers['content-type'];
      const empty = contentType === 'application/json' ? '{}' : '';
      response.writeHead(status, { 'content-type': contentType, ...headers }).end(body ?? empty);
    });
  };
  const server: Server = tls ? createTlsServer(tls, listener) : createServer(listener);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async next() {
      return unseen.shift() ?? new Promise((resolve) => waiting.push(resolve));
    },
  };
}

/** A loopback port on which nothing listens. */
export async function deadEndpoint(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}

/** The names of the spans of an export in JSON. */
export function spanNames(received: ReceivedExport): string[] {
  const request = JSON.parse(received.body.toString()) as {
    resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[];
  };
  return request.resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)),
  );
}
