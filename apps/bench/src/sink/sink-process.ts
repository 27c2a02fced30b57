// The backend of every tracer, in a process of its own. It keeps what comes as it comes, and counts when it is asked
// to: while the load runs, counting would take from the service's processor. Its one argument is the modules' folder.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

import { countSpans, type Delivery } from './span-count.ts';

/** What has come since it was asked before. */
export interface Delivered {
  readonly spans: number;
  /** Bytes of the requests' bodies, as they were sent. */
  readonly bytes: number;
}

const [, , modules = ''] = process.argv;

/** What Datadog's agent says of itself. */
const AGENT = { version: '7.70.0', endpoints: ['/v0.4/traces'], client_drop_p0s: false };
/** Keeps every trace, as the agent says where the rate of traces is below its target. */
const RATES = { rate_by_service: { 'service:,env:': 1 } };

let deliveries: Delivery[] = [];

const server = createServer((request, response) => {
  void buffer(request).then((body) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const isPacked = request.headers['content-encoding'] === 'gzip';
    if (request.method !== 'GET') deliveries.push({ path, isPacked, body });
    const isProtobuf = request.headers['content-type'] === 'application/x-protobuf';
    response.setHeader('content-type', isProtobuf ? 'application/x-protobuf' : 'application/json');
    if (isProtobuf) response.end();
    else if (path === '/info') response.end(JSON.stringify(AGENT));
    else if (path.startsWith('/v0.')) response.end(JSON.stringify(RATES));
    else response.end('{}');
  });
});
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1');
await once(server, 'listening');

process.on('message', () => {
  const taken = deliveries;
  deliveries = [];
  try {
    const spans = taken.reduce((sum, delivery) => sum + countSpans(delivery, modules), 0);
    const bytes = taken.reduce((sum, { body }) => sum + body.length, 0);
    process.send?.({ spans, bytes } satisfies Delivered);
  } catch (error) {
    process.send?.({ failure: String(error) });
  }
});
// The parent has gone.
process.on('disconnect', () => process.exit());
process.send?.({ port: (server.address() as AddressInfo).port });
