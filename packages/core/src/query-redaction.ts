import { checkOption } from './option-rule.ts';

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

/**
 * What of a query is replaced by `REDACTED`. True, the default: the values of the keys that the convention lists.
 * An array: those of these keys too, case-sensitive. False: nothing.
 */
export type RedactQuery = boolean | readonly string[];

/** A query string without its leading `?`, with the values of secret keys replaced by `REDACTED`. */
export type QueryRedaction = (query: string) => string;

const ESCAPED_BYTE = /%[0-9a-f]{2}/i;

/**
 * Prepares the redaction that an option asks for.
 *
 * @throws TypeError where the option `redactQuery` is neither a boolean nor an array of keys.
 */
export function queryRedaction(option: RedactQuery = true): QueryRedaction {
  const keys: unknown = option;
  const isKeys = Array.isArray(keys) && keys.every((key) => typeof key === 'string' && key !== '');
  checkOption(
    'redactQuery',
    option,
    typeof option === 'boolean' || isKeys,
    'true, false or an array of keys',
  );
  if (option === false) return (query) => query;
  const secret = new Set(option === true ? REDACTED_QUERY_KEYS : [...REDACTED_QUERY_KEYS, ...option]);
  const alternatives = [...secret].map((key) => key.replaceAll(/[^\w-]/g, String.raw`\$&`)).join('|');
  const parameter = new RegExp(`(^|[&;])(${alternatives})=[^&;]*`, 'g');
  return (query) => {
    // A percent-encoded key is the same key to the server that decodes it.
    if (ESCAPED_BYTE.test(query)) return redactPairs(query, secret);
    return query.replace(parameter, '$1$2=REDACTED');
  };
}

function redactPairs(query: string, secret: ReadonlySet<string>): string {
  return query.replaceAll(/[^&;]+/g, (pair) => {
    const equals = pair.indexOf('=');
    if (equals === -1) return pair;
    return secret.has(decoded(pair.slice(0, equals))) ? `${pair.slice(0, equals)}=REDACTED` : pair;
  });
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    // Not decodable, so no server reads it as one of the keys.
    return key;
  }
}

/** Replaces what the convention lists, and no more. */
export const redactQuery: QueryRedaction = queryRedaction();

/** An absolute URL for `url.full`: no credentials, no secret values, no fragment. */
export function redactUrl(url: URL, redact: QueryRedaction = redactQuery): string {
  const credentials = url.username || url.password ? 'REDACTED:REDACTED@' : '';
  const query = url.search ? `?${redact(url.search.slice(1))}` : '';
  return `${url.protocol}//${credentials}${url.host}${url.pathname}${query}`;
}
