import type { ClientRequest, RequestOptions } from 'node:http';
import { urlToHttpOptions } from 'node:url';

import { groupHeaders, type HeaderField as Field } from './header-groups.ts';
import { defaultPort, hostAddress, type OutgoingRequest, type OutgoingTarget } from './outgoing-request.ts';

/** `(url, options, callback)` and its shorter forms. */
export type RequestArguments = readonly unknown[];

/** A request that Node has made, and whose head is not written yet. */
export class CreatedRequest implements OutgoingRequest {
  readonly #request: ClientRequest;
  readonly #arguments: RequestArguments;

  constructor(request: ClientRequest, args: RequestArguments) {
    this.#request = request;
    this.#arguments = args;
  }

  get method(): string {
    return this.#request.method;
  }

  target(): OutgoingTarget {
    const { protocol, host, path } = this.#request;
    const { agent } = this.#request as { readonly agent?: { readonly defaultPort?: number } };
    return targetOf({ ...merged(this.#arguments), protocol, host, path }, agent?.defaultPort);
  }

  header(name: string): string | undefined {
    return lastOf(this.#request.getHeader(name));
  }

  headers(): Iterable<readonly [string, readonly string[]]> {
    return groupHeaders(Object.entries(this.#request.getHeaders()));
  }

  setHeader(name: string, value: string | undefined): void {
    if (value === undefined) this.#request.removeHeader(name);
    else this.#request.setHeader(name, value);
  }
}

/** A request whose head Node writes while it makes it: one with headers as an array, or with `Expect`. */
export class PlannedRequest implements OutgoingRequest {
  readonly #options: RequestOptions;
  readonly #rest: RequestArguments;
  readonly #flat: boolean;
  #fields: readonly Field[];

  private constructor(args: RequestArguments, headers: object, protocol: string) {
    const options = merged(args);
    this.#options = { ...options, protocol: options.protocol ?? protocol };
    this.#rest = args.filter((argument) => typeof argument === 'function');
    this.#flat = Array.isArray(headers) && !Array.isArray(headers[0]);
    this.#fields = fieldsOf(headers);
  }

  /** @param protocol That of the module. @returns Undefined for any other request. */
  static of(args: RequestArguments, protocol: string): PlannedRequest | undefined {
    const headers = headersOf(args);
    if (headers === undefined) return undefined;
    if (Array.isArray(headers)) return new PlannedRequest(args, headers, protocol);
    for (const name in headers) {
      if (name.length === 6 && name.toLowerCase() === 'expect')
        return new PlannedRequest(args, headers, protocol);
    }
    return undefined;
  }

  get method(): string {
    return this.#options.method?.toUpperCase() ?? 'GET';
  }

  target(): OutgoingTarget {
    return targetOf(this.#options);
  }

  header(name: string): string | undefined {
    return lastOf(this.#fields.findLast(([key]) => key.toLowerCase() === name)?.[1]);
  }

  headers(): Iterable<readonly [string, readonly string[]]> {
    return groupHeaders(this.#fields);
  }

  setHeader(name: string, value: string | undefined): void {
    const others = this.#fields.filter(([key]) => key.toLowerCase() !== name);
    this.#fields = value === undefined ? others : [...others, [name, value]];
  }

  /** The arguments by which to make it. */
  arguments(): RequestArguments {
    const headers = Array.isArray(this.#options.headers)
      ? this.#flat
        ? this.#fields.flat()
        : this.#fields
      : Object.fromEntries(this.#fields);
    return [{ ...this.#options, headers }, ...this.#rest];
  }
}

/** The headers that the application passed in, in whichever form. */
export function headersOf([input, options]: RequestArguments): object | undefined {
  for (const argument of [options, input]) {
    if (typeof argument !== 'object' || argument === null) continue;
    const { headers }: { readonly headers?: unknown } = argument;
    if (typeof headers === 'object' && headers !== null) return headers;
  }
  return undefined;
}

/** As Node itself puts the arguments together: options win over the URL. */
function merged([input, options]: RequestArguments): RequestOptions {
  const base = typeof input === 'string' ? urlToHttpOptions(new URL(input)) : ofUrl(input);
  return Object.assign({}, base, typeof options === 'object' ? options : undefined) as RequestOptions;
}

/** Node knows a URL by what it has, since those of jsdom and of other realms are of other classes. */
function ofUrl(input: unknown): object {
  const { href, protocol, auth, path }: Record<string, unknown> = Object(input);
  const isUrl = Boolean(href && protocol) && auth === undefined && path === undefined;
  return isUrl ? urlToHttpOptions(input as URL) : Object(input);
}

function targetOf(options: RequestOptions, agentPort?: number): OutgoingTarget {
  const scheme = options.protocol === 'https:' ? 'https' : 'http';
  return {
    scheme,
    host: hostAddress(options.hostname || options.host || 'localhost'),
    port: Number(options.port) || Number(options.defaultPort) || agentPort || defaultPort(scheme),
    path: options.path ?? '/',
    credentials: Boolean(options.auth),
  };
}

function fieldsOf(headers: object): Field[] {
  if (!Array.isArray(headers)) return Object.entries(headers);
  const list: readonly unknown[] = headers;
  if (Array.isArray(list[0])) return list.map((pair) => pair as Field);
  return list.flatMap((name, index) => (index % 2 === 0 ? [[String(name), list[index + 1]] as const] : []));
}

function lastOf(value: unknown): string | undefined {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  return last === undefined || last === null ? undefined : String(last);
}
