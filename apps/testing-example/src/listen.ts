import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import type Koa from 'koa';

/** Listens on `PORT` until SIGTERM, and says where as `startService` expects it. */
export async function listen(app: Koa): Promise<void> {
  const server = app.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1');
  await once(server, 'listening');
  process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
  await once(process, 'SIGTERM');
  server.close();
}
