import type { IncomingHttpHeaders } from 'node:http';

import type { RequestFacts } from './early-request.ts';

/** The request as the client addressed it. */
export interface OriginalTarget {
  readonly scheme: string;
  /** Without the port; empty where the request names no host. */
  readonly address: string;
  readonly port: number | undefined;
}

const FORWARDED_PARAMETER = /(?:^|[;,\s])(host|proto)=("(?:[^"\\]|\\.)*"|[^;,\s]*)/gi;

/**
 * Scheme, host and port before any proxy: the first of `Forwarded`, `X-Forwarded-Host`/`-Proto`,
 * `:authority` and `Host`.
 * Source: semantic-conventions, http-spans.md, "Setting server.address and server.port attributes".
 */
export function originalTarget(request: RequestFacts): OriginalTarget {
  const headers = request.headers;
  let scheme: string | undefined;
  let host: string | undefined;
  if (headers['forwarded'] !== undefined) {
    for (const [, name, value = ''] of headers['forwarded'].matchAll(FORWARDED_PARAMETER)) {
      const text = value.startsWith('"') ? value.slice(1, -1) : value;
      if (name?.toLowerCase() === 'host') host ??= text;
      else scheme ??= text;
    }
  }
  scheme = knownScheme(scheme ?? first(headers['x-forwarded-proto']));
  const { socket } = request;
  scheme ??= socket && 'encrypted' in socket && socket.encrypted ? 'https' : 'http';
  host ??= first(headers['x-forwarded-host']) ?? authority(headers) ?? '';
  if (host !== lastHost || scheme !== lastTarget.scheme) {
    lastTarget = splitHost(host, scheme);
    lastHost = host;
  }
  return lastTarget;
}

/** Most requests of a server name the same host. */
let lastHost = '';
let lastTarget: OriginalTarget = { scheme: 'http', address: '', port: undefined };

function authority(headers: IncomingHttpHeaders): string | undefined {
  const value = headers[':authority'];
  return typeof value === 'string' ? value : headers.host;
}

/** The first member of a comma-separated header, which the proxy nearest to the client wrote. */
function first(header: string | string[] | undefined): string | undefined {
  const value = typeof header === 'string' ? header : header?.[0];
  if (!value) return undefined;
  const comma = value.indexOf(',');
  return (comma === -1 ? value : value.slice(0, comma)).trim() || undefined;
}

function knownScheme(scheme: string | undefined): string | undefined {
  const lower = scheme?.toLowerCase();
  return lower === 'http' || lower === 'https' ? lower : undefined;
}

function splitHost(given: string, scheme: string): OriginalTarget {
  // No host has a user; what a client puts there may be secret.
  const host = given.slice(given.lastIndexOf('@') + 1);
  // The colons of an IPv6 address stand inside brackets.
  const bracket = host.lastIndexOf(']') + 1;
  const colon = host.indexOf(':', bracket);
  const name = colon === -1 ? host : host.slice(0, colon);
  const address = bracket > 0 && name.startsWith('[') ? name.slice(1, -1) : name;
  if (address === '') return { scheme, address, port: undefined };
  if (colon === -1) return { scheme, address, port: scheme === 'https' ? 443 : 80 };
  const port = Number(host.slice(colon + 1));
  return { scheme, address, port: Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined };
}
