import type { Attributes } from '@opentelemetry/api';

import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_FULL,
  ATTR_USER_AGENT_ORIGINAL,
} from './http-attributes.ts';
import { normalizeMethod } from './http-method.ts';
import type { OutgoingRequestInfo } from './outgoing-http-options.ts';
import { hostAddress } from './outgoing-origin.ts';
import type { QueryRedaction } from './query-redaction.ts';

/** Where a request goes. */
export interface OutgoingTarget {
  readonly scheme: 'http' | 'https';
  /** A name or an address, one of IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** As it is sent: path and query, or a whole URL where the request goes to a proxy. */
  readonly path: string;
  /** Whether the caller named a user or a password. */
  readonly credentials: boolean;
}

/** One outgoing request before it is sent. The ways of making one answer these questions; nothing is read before. */
export interface OutgoingRequest {
  readonly method: string;
  /** Whether nobody tells when it is over: it has no span then, and carries its caller's trace. */
  readonly endUnseen?: boolean;
  target(): OutgoingTarget;
  /** The last value of a header; `name` is in lower case. */
  header(name: string): string | undefined;
  /** Every header: its name in lower case, and its values. */
  headers(): Iterable<readonly [name: string, values: readonly string[]]>;
  /** Puts one header in place of all of that name; undefined takes them away. `name` is in lower case. */
  setHeader(name: string, value: string | undefined): void;
}

const DEFAULT_PORTS = { http: 80, https: 443 } as const;

/** The port of an origin that names none. */
export function defaultPort(scheme: 'http' | 'https'): number {
  return DEFAULT_PORTS[scheme];
}

/** `url.full`. Put together from its parts: resolved against its origin, a path of `//name` would be a host. */
export function fullUrl(target: OutgoingTarget, redactQuery: QueryRedaction): string {
  const { scheme, host, port, path, credentials } = resolved(target);
  const user = credentials ? 'REDACTED:REDACTED@' : '';
  const name = host.includes(':') ? `[${host}]` : host;
  const authority = port === defaultPort(scheme) ? name : `${name}:${port}`;
  return `${scheme}://${user}${authority}${redactedPath(path, redactQuery)}`;
}

/**
 * What the convention wants of a CLIENT span. All of it has its place from the start, so that every such object is
 * the same to V8 whatever comes later; what does not come is no attribute.
 */
export interface ClientAttributes extends Attributes {
  [ATTR_NETWORK_PEER_ADDRESS]: string | undefined;
  [ATTR_NETWORK_PEER_PORT]: number | undefined;
  [ATTR_NETWORK_PROTOCOL_VERSION]: string | undefined;
  [ATTR_HTTP_RESPONSE_STATUS_CODE]: number | undefined;
}

/** As much of it as is known at the start. */
export function clientAttributes(request: OutgoingRequest, redactQuery: QueryRedaction): ClientAttributes {
  const target = resolved(request.target());
  const method = normalizeMethod(request.method);
  const attributes: ClientAttributes = {
    [ATTR_HTTP_REQUEST_METHOD]: method,
    [ATTR_SERVER_ADDRESS]: target.host,
    [ATTR_SERVER_PORT]: target.port,
    [ATTR_URL_FULL]: fullUrl(target, redactQuery),
    [ATTR_NETWORK_PEER_ADDRESS]: undefined,
    [ATTR_NETWORK_PEER_PORT]: undefined,
    [ATTR_NETWORK_PROTOCOL_VERSION]: undefined,
    [ATTR_HTTP_RESPONSE_STATUS_CODE]: undefined,
  };
  if (method !== request.method) attributes[ATTR_HTTP_REQUEST_METHOD_ORIGINAL] = request.method;
  const userAgent = request.header('user-agent');
  if (userAgent !== undefined) attributes[ATTR_USER_AGENT_ORIGINAL] = userAgent;
  return attributes;
}

/** Without what has not come: a sampler looks at all that is there. */
export function presentAttributes(attributes: ClientAttributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

/** What a metric of the call tells of its request: nothing that has many different values. */
export function clientMetricAttributes(request: OutgoingRequest): Attributes {
  const { host, port } = resolved(request.target());
  return {
    [ATTR_HTTP_REQUEST_METHOD]: normalizeMethod(request.method),
    [ATTR_SERVER_ADDRESS]: host,
    [ATTR_SERVER_PORT]: port,
  };
}

/** What hooks and rules of exclusion are shown. */
export function requestInfo(request: OutgoingRequest, redactQuery: QueryRedaction): OutgoingRequestInfo {
  let url: string | undefined;
  return {
    method: request.method,
    get url() {
      return (url ??= fullUrl(request.target(), redactQuery));
    },
    header: (name) => request.header(name.toLowerCase()),
  };
}

const SLASH = 47;
const ABSOLUTE = /^https?:\/\//i;

/** A request to a proxy names its target in full (RFC 9112 section 3.2.2); the span is of that target. */
function resolved(target: OutgoingTarget): OutgoingTarget {
  if (target.path.charCodeAt(0) === SLASH) return target;
  if (!ABSOLUTE.test(target.path) || !URL.canParse(target.path)) return target;
  const { protocol, hostname, port, pathname, search, username, password } = new URL(target.path);
  const scheme = protocol === 'https:' ? 'https' : 'http';
  return {
    scheme,
    host: hostAddress(hostname),
    port: Number(port) || defaultPort(scheme),
    path: pathname + search,
    credentials: username !== '' || password !== '',
  };
}

/** Of what is neither a path nor a URL that can be read: what stands before the last `@` of its authority may be secret. */
function withoutUser(target: string): string {
  const scheme = target.indexOf('://');
  const start = scheme === -1 ? 0 : scheme + 3;
  const at = target.lastIndexOf('@');
  return at < start ? target : `${target.slice(0, start)}REDACTED:REDACTED@${target.slice(at + 1)}`;
}

function redactedPath(sent: string, redactQuery: QueryRedaction): string {
  const raw = sent.startsWith('/') ? sent : withoutUser(sent);
  // `*` and the authority that CONNECT sends have no slash in front.
  const rooted = raw.startsWith('/') ? raw : `/${raw}`;
  const fragment = rooted.indexOf('#');
  const path = fragment === -1 ? rooted : rooted.slice(0, fragment);
  const question = path.indexOf('?');
  if (question === -1) return path;
  return path.slice(0, question + 1) + redactQuery(path.slice(question + 1));
}
