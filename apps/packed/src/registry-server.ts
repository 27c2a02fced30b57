// A registry of npm on loopback that keeps what is published to it in the folder of its one argument, and asks no other.
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { runServer } from 'verdaccio';

const [folder = ''] = process.argv.slice(2);
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
const server: Server = await runServer(config as Parameters<typeof runServer>[0]);
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.once('SIGTERM', () => {
  server.closeAllConnections();
  server.close();
});
console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
