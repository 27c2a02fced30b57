import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { configureLogging, initTracing } from '@org/tracing-core';
import { tracePg } from '@org/tracing-pg';
import log from 'loglevel';
import pg from 'pg';

import { takeOrders } from './orders.ts';
import { readSettings } from './settings.ts';

initTracing({ serviceName: 'worker', baggageKeys: ['request_id'] });
tracePg(pg);
configureLogging(log, { serviceName: 'worker' });

try {
  const settings = readSettings(process.env);
  const orders = await takeOrders(settings);
  try {
    // For whoever watches over it: a worker has no other entry.
    const server = createServer((_request, response) => response.end('{"status":"ok"}'));
    server.listen(settings.port, settings.host);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`listening on http://${settings.host}:${port}\n`);

    const [signal] = await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
    log.info('%s: stopping', signal);
    server.close();
    await once(server, 'close');
  } finally {
    await orders.stop();
  }
} catch (error) {
  log.error('the worker ends', error);
  process.exitCode = 1;
}
