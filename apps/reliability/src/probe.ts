// Loaded into a service with `--import`: answers on a port of its own with what the service cannot say itself.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Reading, Report } from './reading.ts';

const RUNNING = Symbol.for('@org/tracing.running');

interface Holder {
  [RUNNING]?: { readonly handle: { report(): Report } };
  gc?: () => void;
}

function read(): Reading {
  const { [RUNNING]: running, gc } = globalThis as Holder;
  gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return {
    report: running?.handle.report() ?? { ended: 0, exports: [] },
    heapUsed,
    rss,
    cpuMicros: user + system,
    resources: process.getActiveResourcesInfo().length,
  };
}

const server = createServer((_request, response) => {
  response.setHeader('connection', 'close').end(JSON.stringify(read()));
});
server.listen(0, '127.0.0.1', () => {
  process.stderr.write(`${JSON.stringify({ probe: (server.address() as AddressInfo).port })}\n`);
});
server.unref();
