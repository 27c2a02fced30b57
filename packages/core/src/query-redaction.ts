/**
 * Keys whose values are credentials in signed URLs. Case-sensitive; the key stays, the value goes.
 * Source: semantic-conventions, http-spans.md, `url.query` and `url.full`.
 */
export const REDACTED_QUERY_KEYS: readonly string[] = [
  'X-Amz-Signature',
  'X-Amz-Credential',
  'X-Amz-Security-Token',
  'AWSAccessKeyId',
  'Signature',
  'sig',
  'X-Goog-Signature',
];

const secretParameter = new RegExp(`(^|[&;])(${REDACTED_QUERY_KEYS.join('|')})=[^&;]*`, 'g');
const escapedByte = /%[0-9a-f]{2}/i;

/** A query string without its leading `?`, the values of secret keys replaced by `REDACTED`. */
export function redactQuery(query: string): string {
  // A percent-encoded key is the same key to the server that decodes it.
  if (escapedByte.test(query)) return query.split('&').map(redactPair).join('&');
  return query.replace(secretParameter, '$1$2=REDACTED');
}

function redactPair(pair: string): string {
  const equals = pair.indexOf('=');
  if (equals === -1) return pair;
  let key = pair.slice(0, equals);
  try {
    key = decodeURIComponent(key);
  } catch {
    // Not decodable, so no server reads it as one of the keys.
  }
  return REDACTED_QUERY_KEYS.includes(key) ? `${pair.slice(0, equals)}=REDACTED` : pair;
}

/** An absolute URL for `url.full`: no credentials, no secret values, no fragment. */
export function redactUrl(url: URL): string {
  const credentials = url.username || url.password ? 'REDACTED:REDACTED@' : '';
  const query = url.search ? `?${redactQuery(url.search.slice(1))}` : '';
  return `${url.protocol}//${credentials}${url.host}${url.pathname}${query}`;
}
