import { readString } from './environment.ts';

/** RFC 9110 with PATCH (RFC 5789) and QUERY, as the HTTP semantic conventions list them. */
const DEFAULT_METHODS = [
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
];

let known: ReadonlySet<string> | undefined;

/** Read once: `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS` replaces the list as a whole. */
function knownMethods(): ReadonlySet<string> {
  const override = readString('OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS');
  known = new Set(override ? override.split(',').map((method) => method.trim()) : DEFAULT_METHODS);
  return known;
}

/**
 * The value of `http.request.method`: the method where it is known, `_OTHER` where it is not.
 * Methods are case-sensitive (RFC 9110 section 9.1), but servers that take `get` mean GET, and so does the
 * convention.
 */
export function normalizeMethod(method: string): string {
  const methods = known ?? knownMethods();
  if (methods.has(method)) return method;
  const upper = method.toUpperCase();
  return methods.has(upper) ? upper : '_OTHER';
}
