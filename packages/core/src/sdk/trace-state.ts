import type { TraceState } from '@opentelemetry/api';

import { trimOptionalSpace } from './traceparent.ts';

const MAX_MEMBERS = 32;
const MAX_KEY = 256;
const MAX_VALUE = 256;
/** Characters of the whole header: those of 32 members are 16447, the others may be white space and empty members. */
export const MAX_TRACE_STATE = 32_768;

/**
 * The list of a `tracestate`: what other tracing systems have to say of the trace. It is immutable, and valid at any
 * moment.
 *
 * Source: W3C Trace Context Level 2, section "tracestate Header Field Values".
 */
export class W3cTraceState implements TraceState {
  /** `key=value` each, in their order. */
  readonly #members: readonly string[];
  readonly #keys: readonly string[];
  #text: string | undefined;

  private constructor(members: readonly string[], keys: readonly string[], text?: string) {
    this.#members = members;
    this.#keys = keys;
    this.#text = text;
  }

  /**
   * Reads the combined header. Undefined where it holds nothing, and where anything in it is invalid: more than 32
   * members or 32768 characters, a key that is there twice, a wrong key or value.
   */
  static parse(header: string): W3cTraceState | undefined {
    if (header.length > MAX_TRACE_STATE) return undefined;
    const members: string[] = [];
    const keys: string[] = [];
    let from = 0;
    while (from <= header.length) {
      const comma = header.indexOf(',', from);
      const to = comma === -1 ? header.length : comma;
      const member = trimOptionalSpace(header.slice(from, to));
      from = to + 1;
      if (member === '') continue;
      const key = keyOf(member);
      if (key === undefined || keys.includes(key) || members.length === MAX_MEMBERS) return undefined;
      members.push(member);
      keys.push(key);
    }
    return members.length === 0 ? undefined : new W3cTraceState(members, keys);
  }

  get(key: string): string | undefined {
    const index = this.#keys.indexOf(key);
    return index === -1 ? undefined : this.#members[index]?.slice(key.length + 1);
  }

  /**
   * With this member in front. Past 32 members the last one goes. A key or value that is not valid changes nothing.
   */
  set(key: string, value: string): W3cTraceState {
    const member = `${key}=${value}`;
    if (keyOf(member) !== key) return this;
    const { members, keys } = this.#without(key);
    return new W3cTraceState(
      [member, ...members.slice(0, MAX_MEMBERS - 1)],
      [key, ...keys.slice(0, MAX_MEMBERS - 1)],
    );
  }

  unset(key: string): W3cTraceState {
    if (!this.#keys.includes(key)) return this;
    const { members, keys } = this.#without(key);
    return new W3cTraceState(members, keys);
  }

  serialize(): string {
    return (this.#text ??= this.#members.join(','));
  }

  #without(key: string): { members: string[]; keys: string[] } {
    return {
      members: this.#members.filter((_member, index) => this.#keys[index] !== key),
      keys: this.#keys.filter((known) => known !== key),
    };
  }
}

/**
 * The key of a valid `key=value`, undefined for any other. White space around the value's end is not expected here.
 */
function keyOf(member: string): string | undefined {
  const equals = member.indexOf('=');
  if (equals < 1 || equals > MAX_KEY || !isKeyStart(member.charCodeAt(0))) return undefined;
  const length = member.length - equals - 1;
  if (length < 1 || length > MAX_VALUE || member.endsWith(' ')) return undefined;
  for (let index = 1; index < equals; index++) {
    if (!isKeyPart(member.charCodeAt(index))) return undefined;
  }
  for (let index = equals + 1; index < member.length; index++) {
    if (!isValuePart(member.charCodeAt(index))) return undefined;
  }
  return member.slice(0, equals);
}

/** `a` to `z` and digits. */
function isKeyStart(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39);
}

/** Also `_`, `-`, `*`, `/` and `@`. */
function isKeyPart(code: number): boolean {
  return (
    isKeyStart(code) || code === 0x5f || code === 0x2d || code === 0x2a || code === 0x2f || code === 0x40
  );
}

/** Printable ASCII and the space, without `,` and `=`. */
function isValuePart(code: number): boolean {
  return code >= 0x20 && code <= 0x7e && code !== 0x2c && code !== 0x3d;
}
