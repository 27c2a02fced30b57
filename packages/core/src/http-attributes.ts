import type { Socket } from 'node:net';

import type { Attributes } from '@opentelemetry/api';

import type { RequestFacts } from './early-request.ts';
import { originalTarget } from './forwarded.ts';
import { normalizeMethod } from './http-method.ts';
import type { QueryRedaction } from './query-redaction.ts';

// Names of the stable HTTP semantic conventions (semantic-conventions, docs/http/http-spans.md).
export const ATTR_CLIENT_ADDRESS = 'client.address';
export const ATTR_ERROR_TYPE = 'error.type';
export const ATTR_HTTP_REQUEST_METHOD = 'http.request.method';
export const ATTR_HTTP_REQUEST_METHOD_ORIGINAL = 'http.request.method_original';
export const ATTR_HTTP_RESPONSE_STATUS_CODE = 'http.response.status_code';
export const ATTR_HTTP_ROUTE = 'http.route';
export const ATTR_NETWORK_PEER_ADDRESS = 'network.peer.address';
export const ATTR_NETWORK_PEER_PORT = 'network.peer.port';
export const ATTR_NETWORK_PROTOCOL_VERSION = 'network.protocol.version';
export const ATTR_SERVER_ADDRESS = 'server.address';
export const ATTR_SERVER_PORT = 'server.port';
export const ATTR_URL_FULL = 'url.full';
export const ATTR_URL_PATH = 'url.path';
export const ATTR_URL_QUERY = 'url.query';
export const ATTR_URL_SCHEME = 'url.scheme';
export const ATTR_USER_AGENT_ORIGINAL = 'user_agent.original';

/** The path of a request target: origin form, absolute form or `*` (RFC 9112 section 3.2), without query. */
export function pathOf(target: string): string {
  // First of all: a query may hold `://` and slashes of its own, and secrets before and behind them.
  const query = target.indexOf('?');
  const path = query === -1 ? target : target.slice(0, query);
  if (path.charCodeAt(0) === 47 /* / */) return path;
  const authority = path.indexOf('://');
  if (authority === -1) return path;
  const slash = path.indexOf('/', authority + 3);
  return slash === -1 ? '/' : path.slice(slash);
}

/** What the convention wants of a SERVER span at its start. `target` is the request's original URL. */
export function requestAttributes(
  request: RequestFacts,
  target: string,
  path: string,
  redactQuery: QueryRedaction,
): Attributes {
  const rawMethod = request.method ?? 'GET';
  const method = normalizeMethod(rawMethod);
  const { scheme, address, port } = originalTarget(request);
  // A request that an adapter has made (a function's event, a test's mock) may have none.
  const { socket } = request;
  const { remoteAddress, remotePort }: Partial<Socket> = socket ?? {};
  const attributes: Attributes = {
    [ATTR_HTTP_REQUEST_METHOD]: method,
    [ATTR_URL_PATH]: path,
    [ATTR_URL_SCHEME]: scheme,
    [ATTR_NETWORK_PROTOCOL_VERSION]: request.httpVersion,
  };
  if (method !== rawMethod) attributes[ATTR_HTTP_REQUEST_METHOD_ORIGINAL] = rawMethod;
  if (address !== '') {
    attributes[ATTR_SERVER_ADDRESS] = address;
    if (port !== undefined) attributes[ATTR_SERVER_PORT] = port;
  }
  if (remoteAddress !== undefined) {
    attributes[ATTR_CLIENT_ADDRESS] = remoteAddress;
    attributes[ATTR_NETWORK_PEER_ADDRESS] = remoteAddress;
    if (remotePort !== undefined) attributes[ATTR_NETWORK_PEER_PORT] = remotePort;
  }
  const question = target.indexOf('?');
  if (question !== -1 && question < target.length - 1) {
    attributes[ATTR_URL_QUERY] = redactQuery(target.slice(question + 1));
  }
  const userAgent = request.headers['user-agent'];
  if (userAgent !== undefined) attributes[ATTR_USER_AGENT_ORIGINAL] = userAgent;
  return attributes;
}

/** `METHOD route`, or `METHOD` where no route matched; an unknown method is called `HTTP`. */
export function serverSpanName(method: string | undefined, route: string | undefined): string {
  const normalized = normalizeMethod(method ?? 'GET');
  const name = normalized === '_OTHER' ? 'HTTP' : normalized;
  return route === undefined ? name : `${name} ${route}`;
}
