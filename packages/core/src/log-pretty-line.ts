import { isSpanContextValid } from '@opentelemetry/api';

import type { LineBuilder } from './log-entry.ts';
import { describeError, errorSummary, isError } from './log-exception.ts';
import { type JsonRoom, valueJson } from './log-json.ts';
import { REDACTED, type Redaction } from './log-redaction.ts';
import { safeText } from './log-text.ts';
import { dateOf } from './log-timestamp.ts';
import { paint, printable, type TextStyle } from './trace-tree-text.ts';

/** How lines for a person are to look. */
export interface PrettyLineSettings {
  readonly color?: boolean | undefined;
  readonly isSecret?: Redaction | undefined;
}

const LEVEL_STYLES: Readonly<Record<string, TextStyle>> = {
  TRACE: 'dim',
  DEBUG: 'dim',
  INFO: 'green',
  WARN: 'yellow',
  ERROR: 'red',
};
const INDENT = '    ';
const CUT = '…';
/** Characters of the name of a field. */
const KEY_AT_MOST = 1024;
/** Errors behind an error that are looked at, as far as there is room. */
const ERRORS_AT_MOST = 1000;

/**
 * Makes lines for a person at a terminal: time of day, level, logger, message, fields and the end of the trace id, where
 * the ids of most vendors differ. Further lines of a message, and the stack of an error, stand below it, indented.
 * Nothing that is logged can move the cursor.
 */
export function prettyLine({ color = false, isSecret }: PrettyLineSettings): LineBuilder {
  return (entry, room) => {
    const { logger, spanContext, fields = [], error } = entry;
    const level = safeText(entry.level);
    const message = cut(safeText(entry.message), room)
      .split('\n')
      .map((each) => printable(each));
    const first = [
      paint(timeOfDay(entry.time ?? Date.now()), 'dim', color),
      paint(printable(level).padEnd(5), LEVEL_STYLES[level] ?? 'plain', color),
      ...(logger === undefined ? [] : [paint(printable(safeText(logger)), 'cyan', color)]),
      ...(message[0] === '' ? [] : [message[0]]),
      ...fieldTexts(fields, { left: room, isSecret }).map((text) => paint(text, 'dim', color)),
    ];
    if (spanContext !== undefined && isSpanContextValid(spanContext)) {
      first.push(paint(`trace=${spanContext.traceId.slice(-8)}`, 'blue', color));
    }
    const below = error === undefined ? [] : stackLines(error, { left: room, isSecret });
    return [first.join(' '), ...[...message.slice(1), ...below].map((line) => INDENT + line)].join('\n');
  };
}

function timeOfDay(time: number): string {
  const date = dateOf(time);
  const part = (value: number, digits = 2): string => String(value).padStart(digits, '0');
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map((value) => part(value));
  return `${clock.join(':')}.${part(date.getMilliseconds(), 3)}`;
}

/** `key=value` for each field, of two with one key the later. */
function fieldTexts(fields: readonly object[], room: JsonRoom): string[] {
  const texts = new Map<string, string>();
  for (const each of fields) {
    try {
      for (const key of Object.keys(each)) {
        if (room.left <= 0) return [...texts.values(), CUT];
        const name = printable(cut(key, KEY_AT_MOST));
        room.left -= name.length;
        texts.set(key, `${name}=${fieldText(each, key, room)}`);
      }
    } catch {
      // A proxy that refuses to name its keys has no fields.
    }
  }
  return [...texts.values()];
}

function fieldText(fields: object, key: string, room: JsonRoom): string {
  if (room.isSecret?.(key)) return REDACTED;
  try {
    const value = (fields as Readonly<Record<string, unknown>>)[key];
    // Its stack stands below, or is that of an error behind it.
    if (isError(value)) return JSON.stringify(printable(taken(errorSummary(value), room)));
    if (typeof value === 'string' && /^[\w.:/@+-]+$/.test(value)) return taken(value, room);
    return printable(valueJson(value, room) ?? 'undefined');
  } catch {
    return '[Throws]';
  }
}

/** The stack, and below it what the error is made of: code, causes, errors of an AggregateError. */
function stackLines(error: Error, room: JsonRoom, depth = 0): string[] {
  const { stack, code, cause, errors } = describeError(error);
  const text = room.isSecret?.('stack') ? REDACTED : String(stack) || errorSummary(error);
  const lines = taken(text, room).split('\n');
  if (code !== undefined)
    lines.push(`code: ${room.isSecret?.('code') ? REDACTED : taken(String(code), room)}`);
  for (const each of depth < 5 ? errorsBehind(cause, errors) : []) {
    if (room.left <= 0) {
      lines.push(CUT);
      break;
    }
    const [head = '', ...rest] = stackLines(each, room, depth + 1);
    lines.push(`caused by ${head}`, ...rest);
  }
  return lines.map((line) => printable(line));
}

function errorsBehind(cause: unknown, errors: unknown): Error[] {
  const behind = isError(cause) ? [cause] : [];
  try {
    const list: unknown[] = Array.isArray(errors) ? errors.slice(0, ERRORS_AT_MOST) : [];
    return [...behind, ...list.filter((each) => isError(each))];
  } catch {
    // A proxy, or a list with getters.
    return behind;
  }
}

/** The text, cut where it is longer than the room, out of which it is taken. */
function taken(text: string, room: JsonRoom): string {
  const written = cut(text, room.left);
  room.left -= Math.max(1, written.length);
  return written;
}

function cut(text: string, room: number): string {
  const beyond = text.length - Math.max(0, room);
  return beyond > 0 ? `${text.slice(0, text.length - beyond)}… [${beyond} more characters]` : text;
}
