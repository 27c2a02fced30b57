// node hop-service.js FRAMEWORK [CALLER]: a traced service that passes each request on to NEXT_URL, if there is one.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { configureLogging, initTracing } from '@org/tracing-core';
import log from 'loglevel';

import { callers } from './callers.ts';
import { frameworks } from './frameworks.ts';

const [framework = '', caller = 'fetch'] = process.argv.slice(2);
const serve = frameworks[framework];
const call = await callers[caller]?.();
if (!serve || !call) throw new TypeError(`no framework "${framework}" or no caller "${caller}"`);

const tracing = initTracing({ serviceName: framework });
configureLogging(log, { serviceName: framework });

const next = process.env['NEXT_URL'];
const server = await serve(async (item) => {
  log.info('hop %s', item);
  return next ? call(`${next}/hop/${item}`) : `the end of ${item}`;
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);

await once(process, 'SIGTERM');
server.close();
await once(server, 'close');
await tracing.shutdown();
