import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

import type { Attributes } from '@opentelemetry/api';

import { boundedPattern, type PatternUse } from './bounded-pattern.ts';
import { readString, warnInvalid } from './environment.ts';
import { groupHeaders } from './header-groups.ts';
import { checkOption } from './option-rule.ts';

/**
 * Headers by name, in any case, or by a regular expression that is searched in the lower-case name: in its first 1024
 * characters, and for no longer than 50 ms. Of a name that could not be searched nothing is recorded in clear.
 */
export type HeaderNames = readonly (RegExp | string)[];

/** Which headers are recorded, as `http.request.header.<name>` and `http.response.header.<name>`. */
export interface CaptureHeadersOptions {
  /** Headers of requests. Default: none. */
  readonly request?: HeaderNames;
  /** Headers of responses. Default: none. */
  readonly response?: HeaderNames;
  /**
   * Of the headers that are recorded, those whose values become `[REDACTED]`. Default: `authorization`,
   * `proxy-authorization`, `cookie` and `set-cookie`; `[]` redacts none.
   */
  readonly sanitize?: HeaderNames;
}

/** The variables of the environment that stand for the options, in the same order. */
export interface CaptureHeadersVariables {
  readonly request: string;
  readonly response: string;
}

const SANITIZE_VARIABLE = 'OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SANITIZE_FIELDS';

const CREDENTIALS: HeaderNames = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie'];

const REDACTED: readonly string[] = ['[REDACTED]'];

/** A header's name and its values. */
type Headers = Iterable<readonly [name: string, values: readonly string[]]>;

/** Gives attributes for those of the headers that are asked for. */
export type HeaderCapture = (headers: Headers) => Attributes;

/** What is captured of each of the two messages; undefined for nothing. */
export interface HeaderCaptures {
  readonly request: HeaderCapture | undefined;
  readonly response: HeaderCapture | undefined;
}

/**
 * Prepares the capture of headers. What is not given in code is read from the environment: a comma-separated list
 * of names and regular expressions, which have to match the whole name, in any case.
 *
 * Source: semantic-conventions, http-spans.md, `http.request.header.<key>`: only by an explicit list, as string[].
 *
 * @throws TypeError when an option is not what it should be.
 */
export function headerCaptures(
  options: CaptureHeadersOptions = {},
  variables: CaptureHeadersVariables,
): HeaderCaptures {
  checkOption('captureHeaders', options, isObject(options), 'an object with request, response and sanitize');
  for (const name of ['request', 'response', 'sanitize'] as const) {
    const names: unknown = options[name];
    checkOption(`captureHeaders.${name}`, names, isNames(names), 'an array of header names and RegExps');
  }
  const sanitize = matcher(options.sanitize ?? namesOf(SANITIZE_VARIABLE) ?? CREDENTIALS, {
    option: 'captureHeaders.sanitize',
    otherwise: true,
  });
  return {
    request: capture('http.request.header.', options.request ?? namesOf(variables.request), sanitize),
    response: capture('http.response.header.', options.response ?? namesOf(variables.response), sanitize),
  };
}

/** The headers of a request as they came, each with all of its values. */
export function requestHeaders(request: IncomingMessage): Headers {
  const { headersDistinct, headers }: { headersDistinct?: NodeJS.Dict<string[]> } & IncomingMessage = request;
  if (headersDistinct) return Object.entries(headersDistinct).map(([name, values = []]) => [name, values]);
  // Over HTTP/2, where the method and the like are headers too, and without a socket.
  return groupHeaders(Object.entries(headers).filter(([name]) => !name.startsWith(':')));
}

/**
 * The headers of a response as they were sent, those that were given to `writeHead` included, which Node does not
 * show in `getHeaders`.
 */
export function responseHeaders(response: ServerResponse): Headers {
  const { _header: head, stream } = response as SentResponse;
  if (typeof head === 'string') return fieldsOf(head);
  return Object.entries(stream?.sentHeaders ?? response.getHeaders()).map(([name, value = '']) => [
    name.toLowerCase(),
    [value].flat().map(String),
  ]);
}

interface SentResponse {
  /** HTTP/1: the head as it goes over the socket. */
  readonly _header?: string | null;
  /** HTTP/2. */
  readonly stream?: { readonly sentHeaders?: OutgoingHttpHeaders };
}

function fieldsOf(head: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const line of head.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    if (colon === -1) continue;
    const name = line.slice(0, colon).toLowerCase();
    const values = fields.get(name) ?? [];
    values.push(line.slice(colon + 1).trim());
    fields.set(name, values);
  }
  return fields;
}

function capture(
  prefix: string,
  names: HeaderNames | undefined,
  isSecret: (name: string) => boolean,
): HeaderCapture | undefined {
  if (names === undefined || names.length === 0) return undefined;
  const isWanted = matcher(names, { option: 'captureHeaders' });
  return (headers) => {
    const attributes: Attributes = {};
    for (const [name, values] of headers) {
      if (isWanted(name)) attributes[prefix + name] = [...(isSecret(name) ? REDACTED : values)];
    }
    return attributes;
  };
}

function matcher(names: HeaderNames, use: PatternUse): (name: string) => boolean {
  const exact = new Set(names.flatMap((name) => (typeof name === 'string' ? name.toLowerCase() : [])));
  const patterns = names.flatMap((name) => (typeof name === 'string' ? [] : boundedPattern(name, use)));
  return (name) => exact.has(name) || patterns.some((isFound) => isFound(name));
}

const PLAIN_NAME = /^[\w-]+$/;

function namesOf(variable: string): HeaderNames | undefined {
  const value = readString(variable);
  if (value === undefined) return undefined;
  const entries = value.split(',').map((entry) => entry.trim());
  return entries.flatMap((entry) => {
    if (PLAIN_NAME.test(entry)) return entry;
    if (entry === '') return [];
    try {
      return new RegExp(`^(?:${entry})$`, 'i');
    } catch {
      warnInvalid(variable, entry, 'a header name or a regular expression', 'none in its place');
      return [];
    }
  });
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNames(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((name) => (typeof name === 'string' && name !== '') || name instanceof RegExp)
  );
}
