// A registry of npm on loopback that keeps what is published to it in the folder of its first argument, and asks no other.
// It refuses the n-th publication where a second argument names one, once.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { runServer } from 'verdaccio';

const [folder = '', refused = ''] = process.argv.slice(2);
const config: unknown = {
  self_path: folder,
  configPath: join(folder, 'config.yaml'),
  storage: join(folder, 'storage'),
  auth: { htpasswd: { file: join(folder, 'htpasswd') } },
  uplinks: {},
  packages: { '**': { access: '$all', publish: '$authenticated' } },
  web: { enable: false },
  log: { type: 'stdout', format: 'json', level: 'error' },
  // Core has more in it than the usual ten megabytes leave room for as base64.
  max_body_size: '50mb',
};
const registry: Server = await runServer(config as Parameters<typeof runServer>[0]);
const [answer] = registry.listeners('request') as RequestListener[];
let publications = 0;
const server = createServer((request, response) => {
  if (isPublication(request) && ++publications === Number(refused)) {
    // As npm does where a token is no longer good. It tries nothing again then.
    response.writeHead(403, { 'content-type': 'application/json' }).end('{"error":"not this time"}');
    return;
  }
  answer?.(request, response);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.once('SIGTERM', () => {
  server.closeAllConnections();
  server.close();
});
console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);

function isPublication({ method, url = '' }: IncomingMessage): boolean {
  return method === 'PUT' && !url.startsWith('/-/');
}
