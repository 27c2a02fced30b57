import { once } from 'node:events';
import { get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

import { NAME } from './health.ts';

const EVERYWHERE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };
const PROBE_MS = 1000;

/**
 * Makes a server listen.
 *
 * @returns The address to open, without a slash at the end.
 * @throws Error that names the port and says what to do, where it cannot.
 */
export async function listen(server: Server, host: string, port: number): Promise<string> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new Error(await refusalText(cause as NodeJS.ErrnoException, host, port), { cause });
  }
  return urlOf(host, (server.address() as AddressInfo).port);
}

function urlOf(host: string, port: number): string {
  const name = EVERYWHERE[host] ?? (host.includes(':') ? `[${host}]` : host);
  return `http://${name}:${port}`;
}

async function refusalText(
  { code, message }: NodeJS.ErrnoException,
  host: string,
  port: number,
): Promise<string> {
  switch (code) {
    case 'EADDRINUSE': {
      const user = (await isViewer(urlOf(host, port)))
        ? 'Another tracing-viewer has it: open that one, or end it.'
        : 'Another program has it, perhaps a collector.';
      const advice = `--port <number> takes another, which OTEL_EXPORTER_OTLP_ENDPOINT must then name.`;
      return `Port ${port} of ${host} is in use. ${user} ${advice}`;
    }
    case 'EACCES':
      return `Port ${port} of ${host} may not be used by this user: take one from 1024 on by --port <number>.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is no address of this machine: --host must be one, 127.0.0.1 for this machine alone.`;
    case undefined:
    default:
      return `Cannot listen on port ${port} of ${host}: ${message}`;
  }
}

/** By `node:http`, since `fetch` lets a process end while it waits for a server that hangs up. */
async function isViewer(url: string): Promise<boolean> {
  const asking = get(`${url}/healthz`, { agent: false, timeout: PROBE_MS });
  asking.on('timeout', () => asking.destroy(new Error('no answer')));
  try {
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    const { name } = (await json(response)) as { name?: unknown };
    return name === NAME;
  } catch {
    // Whatever has the port speaks another language.
    return false;
  } finally {
    asking.destroy();
  }
}
