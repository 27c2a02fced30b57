import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

import { RequestProblem } from './request-problem.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const EVERY_ADDRESS = ['0.0.0.0', '::'];

export interface GuardOptions {
  /** The address that is listened on. */
  readonly host: string;
  /** Names, besides those of loopback, by which it may be asked. */
  readonly allowHosts: readonly string[];
}

/**
 * Keeps web pages out, whose scripts run in a browser on this machine and could ask any local port.
 *
 * - `Host` must be a name of ours: the name of an attacker that was made to point here (DNS rebinding) is none.
 * - `Origin`, which a browser sends with every request that writes, must be our own page's.
 * - `Sec-Fetch-Site`, which it sends with all requests, must not tell of another site, unless a person follows a
 *   link to the page itself.
 *
 * Programs send neither of the last two.
 *
 * @returns A function that throws RequestProblem (403) for a request that is not to be answered.
 */
export function requestGuard({ host, allowHosts }: GuardOptions): (request: IncomingMessage) => void {
  const names = new Set([...LOOPBACK, ...[host, ...allowHosts].map(inHeader)]);
  // Who listens everywhere is asked by address too; an address cannot be made to point elsewhere.
  const anyAddress = EVERY_ADDRESS.includes(host);

  return ({ headers, method, url = '' }) => {
    const own = headers.host?.toLowerCase() ?? '';
    const name = /^(\[[^\]]+\]|[^:]+)(?::\d{1,5})?$/.exec(own)?.[1] ?? '';
    if (!names.has(name) && !(anyAddress && isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0)) {
      const asked = JSON.stringify(own.slice(0, 200));
      throw new RequestProblem(
        403,
        `Host: expected ${[...names].join(', ')}, got ${asked}: start with --allow-host to allow another name`,
      );
    }
    const { origin } = headers;
    if (origin !== undefined && origin.toLowerCase() !== `http://${own}`) {
      const other = JSON.stringify(origin.slice(0, 200));
      throw new RequestProblem(403, `Origin: expected http://${own} or none, got ${other}`);
    }
    const site = headers['sec-fetch-site'] ?? 'none';
    if (site === 'same-origin' || site === 'none') return;
    const isLink = method === 'GET' && headers['sec-fetch-mode'] === 'navigate';
    if (isLink && headers['sec-fetch-dest'] === 'document' && !/^\/(?:api|v1)(?:\/|$)/.test(url)) return;
    throw new RequestProblem(403, 'Sec-Fetch-Site: another site may not ask the viewer');
  };
}

/** A name as `Host` has it: an address of IPv6 in brackets, and no port, since any will do. */
function inHeader(name: string): string {
  return isIP(name) === 6 ? `[${name}]` : name.toLowerCase().replace(/:\d{1,5}$/, '');
}
