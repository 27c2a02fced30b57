import { trimOptionalSpace } from './traceparent.ts';

/** One member of a `baggage` header. */
export interface BaggageMember {
  readonly key: string;
  /** Decoded. */
  readonly value: string;
  /** Its properties as they were sent, without white space around them: `k1=v1;k2`. Empty where it has none. */
  readonly metadata: string;
  /** Characters that it took in the header, without white space around it. */
  readonly length: number;
}

/**
 * Reads one member; undefined where it is not valid, or empty.
 *
 * Source: W3C Baggage, section "Header Content".
 */
export function parseBaggageMember(member: string): BaggageMember | undefined {
  const text = trimOptionalSpace(member);
  const semicolon = text.indexOf(';');
  const pair = semicolon === -1 ? text : text.slice(0, semicolon);
  const equals = pair.indexOf('=');
  if (equals === -1) return undefined;
  const key = trimOptionalSpace(pair.slice(0, equals));
  const value = trimOptionalSpace(pair.slice(equals + 1));
  if (!isToken(key) || !isValue(value)) return undefined;
  const metadata = semicolon === -1 ? '' : readProperties(text.slice(semicolon + 1));
  if (metadata === undefined) return undefined;
  return { key, value: decodeValue(value), metadata, length: text.length };
}

/** The member as it is sent; undefined where its key or metadata cannot be. */
export function formatBaggageMember(key: string, value: string, metadata = ''): string | undefined {
  if (!isToken(key)) return undefined;
  const pair = `${key}=${encodeValue(String(value))}`;
  if (metadata === '') return pair;
  const properties = readProperties(metadata);
  return properties === undefined ? undefined : `${pair};${properties}`;
}

/** Properties without white space around them, undefined where one is not valid. Their values stay encoded. */
function readProperties(text: string): string | undefined {
  const properties: string[] = [];
  for (const property of text.split(';')) {
    const equals = property.indexOf('=');
    const key = trimOptionalSpace(equals === -1 ? property : property.slice(0, equals));
    if (!isToken(key)) return undefined;
    if (equals === -1) {
      properties.push(key);
      continue;
    }
    const value = trimOptionalSpace(property.slice(equals + 1));
    if (!isValue(value)) return undefined;
    properties.push(`${key}=${value}`);
  }
  return properties.join(';');
}

const TOKEN = 1;
const OCTET = 2;

/** By ASCII code: whether it may stand in a key (RFC 7230, `token`) and in a value (`baggage-octet`). */
const ALLOWED = Uint8Array.from({ length: 128 }, (_none, code) => {
  const character = String.fromCharCode(code);
  const token = /[!#$%&'*+\-.^_`|~\dA-Za-z]/.test(character) ? TOKEN : 0;
  return token | (/[!-~]/.test(character) && !'",;\\'.includes(character) ? OCTET : 0);
});

function isToken(text: string): boolean {
  return text !== '' && consistsOf(text, TOKEN);
}

/** Whether a value may be the key of an entry. */
export function isBaggageKey(value: unknown): value is string {
  return typeof value === 'string' && isToken(value);
}

function isValue(text: string): boolean {
  return consistsOf(text, OCTET);
}

function consistsOf(text: string, allowed: number): boolean {
  for (let index = 0; index < text.length; index++) {
    if (((ALLOWED[text.charCodeAt(index)] ?? 0) & allowed) === 0) return false;
  }
  return true;
}

/** `%` begins an encoding, so it is encoded itself, with all that a value may not hold. What came stays as short. */
const TO_ENCODE = /[^!#-$&-+\--:<-[\]-~]/gu;

function encodeValue(value: string): string {
  if (isValue(value) && !value.includes('%')) return value;
  try {
    return value.replaceAll(TO_ENCODE, (character) => encodeURIComponent(character));
  } catch {
    // Half of a surrogate pair has no encoding, and becomes U+FFFD by this.
    return encodeValue(Buffer.from(value).toString());
  }
}

/** What is no UTF-8 becomes U+FFFD, as the specification wants it; a `%` that begins no encoding stays. */
function decodeValue(value: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    const bytes = value.replaceAll(/%[\da-f]{2}/gi, (code) =>
      String.fromCharCode(Number.parseInt(code.slice(1), 16)),
    );
    return Buffer.from(bytes, 'latin1').toString();
  }
}
