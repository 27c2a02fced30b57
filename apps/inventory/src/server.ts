import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { configureLogging, initTracing } from '@org/tracing-express';
import { tracePg } from '@org/tracing-pg';
import log from 'loglevel';
import pg from 'pg';

import { createApp } from './app.ts';
import { openOrders } from './orders.ts';
import { readSettings } from './settings.ts';
import { connectStock } from './stock.ts';

initTracing({ serviceName: 'inventory' });
tracePg(pg);
configureLogging(log, { serviceName: 'inventory' });

try {
  const { host, port, databaseUrl } = readSettings(process.env);
  const pool = await connectStock(databaseUrl);
  const server = createApp(pool, await openOrders(pool)).listen(port, host);
  await once(server, 'listening');
  process.stdout.write(`listening on http://${host}:${(server.address() as AddressInfo).port}\n`);

  const [signal] = await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  log.info('%s: stopping', signal);
  server.close();
  await once(server, 'close');
  await pool.end();
} catch (error) {
  log.error('the inventory ends', error);
  process.exitCode = 1;
}
