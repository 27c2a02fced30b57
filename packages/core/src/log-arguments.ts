import { format, inspect } from 'node:util';

import { isBoundFields } from './child-logger.ts';
import { errorMessage, errorSummary, isError } from './log-exception.ts';
import { valueJson } from './log-json.ts';
import type { Redaction } from './log-redaction.ts';
import { mayHoldSecret } from './log-secrets.ts';

/** What a call of a logging method says. */
export interface LogContent {
  readonly message: string;
  /** Objects whose members become fields of the line; in later ones a key wins. */
  readonly fields: readonly object[];
  readonly error: Error | undefined;
}

const NO_FIELDS: readonly object[] = [];
const MESSAGE_ROOM = 65_536;

/**
 * Sorts the arguments of a logging call. `log.error('order %s failed', id, { attempt: 2 }, error)` has the
 * message that `util.format` makes of the text and what its placeholders consume, the plain object's members
 * as fields, and the first error, or that of a field `err` or `error`, as the exception. Any other value joins
 * the message, as `util.format` joins it. Objects and an error may also come before the text. Never throws.
 *
 * @param isSecret Where given, the message shows no value of such a field of the objects that join it.
 */
export function readLogArguments(args: readonly unknown[], isSecret?: Redaction): LogContent {
  const first = args[0];
  // Nearly every call: nothing is allocated for it but the result.
  if (args.length === 1 && typeof first === 'string') {
    return { message: first, fields: NO_FIELDS, error: undefined };
  }
  const fields: object[] = [];
  const texts: unknown[] = [];
  let error: Error | undefined;
  let consumed = 0;
  for (const arg of args) {
    const isFirstError = error === undefined && isError(arg);
    if (isFirstError) error = arg;
    if (consumed > 0) {
      consumed -= 1;
      texts.push(isSecret ? withoutSecrets(arg, isSecret) : arg);
    } else if (typeof arg === 'string') {
      if (texts.push(arg) === 1) consumed = placeholders(arg);
    } else if (!isFirstError) {
      const members = plainObject(arg);
      if (members) fields.push(members);
      else if (isError(arg)) texts.push(errorSummary(arg));
      else texts.push(isSecret ? withoutSecrets(arg, isSecret) : arg);
    }
  }
  const message = messageOf(texts, fields, error, isSecret);
  return { message, fields, error: error ?? errorAmong(fields) };
}

/** The value as it may stand in a message: where it may print a secret, what a line's field would be. */
function withoutSecrets(value: unknown, isSecret: Redaction): unknown {
  if (!mayHoldSecret(value, isSecret)) return value;
  const json = valueJson(value, { left: MESSAGE_ROOM, isSecret });
  return json === undefined ? undefined : (JSON.parse(json) as unknown);
}

/** `{ err }` and `{ error }` are the ways of other loggers to log an error. */
function errorAmong(fields: readonly object[]): Error | undefined {
  for (const each of fields) {
    for (const key of ['err', 'error', 'exception']) {
      const value = propertyOf(each, key);
      if (isError(value)) return value;
    }
  }
  return undefined;
}

function propertyOf(object: object, key: string): unknown {
  try {
    return (object as Readonly<Record<string, unknown>>)[key];
  } catch {
    return undefined;
  }
}

function messageOf(
  texts: readonly unknown[],
  fields: readonly object[],
  error: Error | undefined,
  isSecret: Redaction | undefined,
): string {
  const first = texts[0];
  // Alone, a text would keep its `%%`; the values beside it, which became fields or the exception, would not.
  if (texts.length === 1 && typeof first === 'string') return first.replaceAll('%%', '%');
  if (texts.length > 0) return formatted(texts);
  if (error) return errorMessage(error);
  // A person who reads the line looks for what was logged in its message.
  const said = fields.filter((each) => !isBoundFields(each));
  return said.length > 0
    ? formatted(isSecret ? said.map((each) => withoutSecrets(each, isSecret)) : said)
    : '';
}

/** How many arguments `util.format` consumes for the placeholders of `text`. */
function placeholders(text: string): number {
  let count = 0;
  for (let at = text.indexOf('%'); at !== -1; at = text.indexOf('%', at + 2)) {
    if ('sdifjoOc'.includes(text[at + 1] ?? '%')) count += 1;
  }
  return count;
}

/** The value where its members can be fields: an object literal, or what the `toJSON` of one gives. */
function plainObject(value: unknown): object | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    if (!isPlain(value)) return undefined;
    if (!('toJSON' in value) || typeof value.toJSON !== 'function') return value;
    const json: unknown = value.toJSON('');
    return typeof json === 'object' && json !== null && isPlain(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of another realm has that realm's Object.prototype, which is the end of its chain too.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function formatted(values: readonly unknown[]): string {
  try {
    return format(...values);
  } catch {
    return values.map((value) => textOf(value)).join(' ');
  }
}

/** A value that `util.format` cannot print: its `toString`, `valueOf` or inspection throws. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return inspect(value, { customInspect: false });
  } catch {
    return '[unprintable]';
  }
}
