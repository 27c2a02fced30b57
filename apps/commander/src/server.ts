import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { configureLogging, initTracing } from '@org/tracing-koa';
import log from 'loglevel';

import { createApp } from './app.ts';
import { readSettings } from './settings.ts';

initTracing({ serviceName: 'commander' });
configureLogging(log, { serviceName: 'commander' });

try {
  const { host, port, inventory, orders } = readSettings(process.env);
  const server = createApp(inventory, orders).listen(port, host);
  await once(server, 'listening');
  process.stdout.write(`listening on http://${host}:${(server.address() as AddressInfo).port}\n`);

  const [signal] = await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  log.info('%s: stopping', signal);
  server.close();
  await once(server, 'close');
} catch (error) {
  log.error('the commander ends', error);
  process.exitCode = 1;
}
