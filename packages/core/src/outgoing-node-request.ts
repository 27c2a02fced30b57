import type { ClientRequest, RequestOptions } from 'node:http';
import { urlToHttpOptions } from 'node:url';

import { groupHeaders, type HeaderField as Field } from './header-groups.ts';
import { hostAddress, originOf } from './outgoing-origin.ts';
import { defaultPort, type OutgoingRequest, type OutgoingTarget } from './outgoing-request.ts';

/** `(url, options, callback)` and its shorter forms. */
export type RequestArguments = readonly unknown[];

/** Fields of a request that Node has made, some of which its types leave out. */
interface MadeRequest {
  readonly protocol: string;
  readonly host?: string;
  readonly path: string;
  readonly agent?: { readonly defaultPort?: number };
}

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
    const { protocol, host, path, agent } = this.#request as MadeRequest;
    const args = this.#arguments;
    // What a library that stands in for the network has made may lack it.
    if (!host) return targetOf({ ...merged(args), protocol, path }, agent?.defaultPort);
    const scheme = protocol === 'https:' ? 'https' : 'http';
    return {
      scheme,
      host: hostAddress(host),
      port:
        Number(givenPort(args)) ||
        Number(givenOption(args, 'defaultPort')) ||
        agent?.defaultPort ||
        defaultPort(scheme),
      path,
      credentials: hasCredentials(args),
    };
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

/**
 * An option as {@link merged} has it, without putting everything together for it. Undefined where none is given, and
 * for what a URL tells.
 */
function givenOption([input, options]: RequestArguments, name: 'auth' | 'defaultPort' | 'port'): unknown {
  if (isOwn(options, name)) return options[name];
  return isOwn(input, name) && !isUrl(input) ? input[name] : undefined;
}

function givenPort(args: RequestArguments): unknown {
  const [input, options] = args;
  if (isOwn(options, 'port')) return options['port'];
  if (typeof input === 'string') return originOf(input).port;
  return isUrl(input) ? input.port : givenOption(args, 'port');
}

function hasCredentials(args: RequestArguments): boolean {
  const [input, options] = args;
  if (isOwn(options, 'auth')) return Boolean(options['auth']);
  if (typeof input === 'string') return input.includes('@') && Boolean(urlToHttpOptions(new URL(input)).auth);
  return isUrl(input) ? Boolean(input.username || input.password) : Boolean(givenOption(args, 'auth'));
}

/** Node assigns what is an object's own and enumerable; nobody hides an option that is its own. */
function isOwn<Name extends string>(value: unknown, name: Name): value is Readonly<Record<Name, unknown>> {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name);
}

/** As Node itself puts the arguments together: options win over the URL. */
function merged([input, options]: RequestArguments): RequestOptions {
  const base = typeof input === 'string' ? urlToHttpOptions(new URL(input)) : ofUrl(input);
  return Object.assign({}, base, typeof options === 'object' ? options : undefined) as RequestOptions;
}

function ofUrl(input: unknown): object {
  return isUrl(input) ? urlToHttpOptions(input) : Object(input);
}

/** Node knows a URL by what it has, since those of jsdom and of other realms are of other classes. */
function isUrl(input: unknown): input is URL {
  if (typeof input !== 'object' || input === null) return false;
  const { href, protocol, auth, path } = input as Readonly<Record<string, unknown>>;
  return Boolean(href && protocol) && auth === undefined && path === undefined;
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
