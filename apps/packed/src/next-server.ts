import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that knows nothing of tracing and keeps what arrives. */
export interface NextServer extends AsyncDisposable {
  readonly url: string;
  /** The `traceparent` of each request, in the order of arrival. */
  readonly traceparents: (string | string[] | undefined)[];
}

/** Starts the server that a sample service calls. */
export async function startNextServer(): Promise<NextServer> {
  const traceparents: NextServer['traceparents'] = [];
  const server = createServer((request, response) => {
    traceparents.push(request.headers['traceparent']);
    response.end('next');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    traceparents,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
