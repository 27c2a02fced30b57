import type { OutgoingResponse } from './outgoing-call.ts';
import { groupHeaders, type HeaderField as Field } from './header-groups.ts';
import { originOf } from './outgoing-origin.ts';
import { defaultPort, type OutgoingRequest, type OutgoingTarget } from './outgoing-request.ts';

/** A request as undici publishes it. */
export interface UndiciRequest {
  readonly origin: string | URL;
  readonly method: string;
  readonly path: string;
  /** Names and values in turn, a value being an array where the name has several; before 6.0 the text of the head. */
  headers: unknown[] | string;
  /** The protocol to which a WebSocket, say, wants to change. */
  readonly upgrade?: unknown;
  /** Absent in 6.11.0 alone. */
  addHeader?: (name: string, value: string) => unknown;
}

/** A request of undici that is not sent yet. */
export class UndiciOutgoingRequest implements OutgoingRequest {
  readonly #request: UndiciRequest;
  /** Whether headers of ours stand on the request. */
  written = false;

  constructor(request: UndiciRequest) {
    this.#request = request;
  }

  get method(): string {
    return this.#request.method;
  }

  /** Most versions of undici tell nobody when a connection has been upgraded. */
  get endUnseen(): boolean {
    return Boolean(this.#request.upgrade);
  }

  target(): OutgoingTarget {
    const { origin, path } = this.#request;
    const { scheme, host, port } = originOf(String(origin));
    return {
      scheme,
      host,
      port: port || defaultPort(scheme),
      path,
      // Neither fetch nor undici takes them in a URL.
      credentials: false,
    };
  }

  header(name: string): string | undefined {
    const { headers } = this.#request;
    let value: unknown;
    if (typeof headers === 'string') {
      value = lastLine(headers, name)?.[1];
    } else {
      const index = lastIndex(headers, name);
      if (index !== -1) value = headers[index + 1];
    }
    const found: unknown = Array.isArray(value) ? value.at(-1) : value;
    return found === undefined || found === null ? undefined : String(found);
  }

  headers(): Iterable<readonly [string, readonly string[]]> {
    return groupHeaders(fieldsOf(this.#request));
  }

  setHeader(name: string, value: string | undefined): void {
    const request = this.#request;
    removeHeader(request, name);
    if (value === undefined) return;
    this.written = true;
    if (request.addHeader) request.addHeader(name, value);
    else if (typeof request.headers === 'string') request.headers += `${name}: ${value}\r\n`;
    else request.headers.push(name, value);
  }
}

/** The head of an answer as undici publishes it: names and values in turn. */
export class UndiciResponse implements OutgoingResponse {
  readonly status: number;
  readonly #raw: readonly (Buffer | string)[];

  constructor(status: number, raw: readonly (Buffer | string)[]) {
    this.status = status;
    this.#raw = raw;
  }

  header(name: string): string | undefined {
    return this.headers().get(name)?.at(-1);
  }

  headers(): Map<string, string[]> {
    return groupHeaders(pairs(this.#raw));
  }
}

/** Whether a request has a header; `name` is in lower case. */
export function hasHeader({ headers }: UndiciRequest, name: string): boolean {
  return typeof headers === 'string'
    ? lastLine(headers, name) !== undefined
    : lastIndex(headers, name) !== -1;
}

/** Where the last header of a name stands in names and values in turn; -1 where there is none. */
function lastIndex(list: readonly unknown[], name: string): number {
  for (let index = (list.length - 1) & ~1; index >= 0; index -= 2) {
    const key = String(list[index]);
    // Nearly every other name has another length.
    if (key.length === name.length && key.toLowerCase() === name) return index;
  }
  return -1;
}

function lastLine(head: string, name: string): Field | undefined {
  if (!head.toLowerCase().includes(`${name}:`)) return undefined;
  return [...linesOf(head)].findLast(([key]) => key.toLowerCase() === name);
}

function removeHeader(request: UndiciRequest, name: string): void {
  if (!hasHeader(request, name)) return;
  const { headers } = request;
  const kept = [...fieldsOf(request)].filter(([key]) => key.toLowerCase() !== name);
  if (typeof headers === 'string') {
    request.headers = kept.map(([key, value]) => `${key}: ${String(value)}\r\n`).join('');
  } else {
    // In place: a later version may hold on to the array.
    headers.splice(0, headers.length, ...kept.flat());
  }
}

function fieldsOf({ headers }: UndiciRequest): Iterable<Field> {
  return typeof headers === 'string' ? linesOf(headers) : pairs(headers);
}

function* pairs(list: readonly unknown[]): Iterable<Field> {
  for (let index = 0; index < list.length; index += 2) yield [String(list[index]), list[index + 1]];
}

function* linesOf(head: string): Iterable<Field> {
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) yield [line.slice(0, colon), line.slice(colon + 1).trim()];
  }
}
