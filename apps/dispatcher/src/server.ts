import { once } from 'node:events';

import { configureLogging, initTracing } from '@org/tracing-fastify';
import log from 'loglevel';

import { createApp } from './app.ts';
import { readSettings } from './settings.ts';

initTracing({ serviceName: 'dispatcher' });
configureLogging(log, { serviceName: 'dispatcher' });

try {
  const { host, port, commander } = readSettings(process.env);
  const app = createApp(commander);
  const url = await app.listen({ host, port });
  process.stdout.write(`listening on ${url}\n`);

  const [signal] = await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  log.info('%s: stopping', signal);
  await app.close();
} catch (error) {
  log.error('the dispatcher ends', error);
  process.exitCode = 1;
}
