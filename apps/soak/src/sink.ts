// A collector that takes every export and keeps nothing. Its parent asks it to close what is idle.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((request, response) => {
  request
    .resume()
    .on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
});
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.on('message', () => {
  server.closeIdleConnections();
  process.send?.('closed');
});
// The parent has gone.
process.on('disconnect', () => process.exit());
process.send?.({ port: (server.address() as AddressInfo).port });
