import { describeError } from './log-exception.ts';
import { fieldsJson, type JsonRoom, quote, valueJson } from './log-json.ts';
import type { LineBuilder, LogEntry, TraceKeys } from './log-entry.ts';
import type { JsonFormat } from './log-formats.ts';
import { REDACTED, type Redaction } from './log-redaction.ts';
import { safeText } from './log-text.ts';
import { timestamp } from './log-timestamp.ts';
import { idMembers, idsJson } from './log-trace-ids.ts';

/** What decides a line beside its format. */
export interface JsonLineSettings {
  readonly traceKeys?: TraceKeys | undefined;
  readonly gcpProjectId?: string | undefined;
  readonly isSecret?: Redaction | undefined;
}

/** Makes the lines of one format: one JSON object without line breaks each. */
export function jsonLine(format: JsonFormat, settings: JsonLineSettings): LineBuilder {
  const { keys, messageFirst = false } = format;
  const { isSecret } = settings;
  const members = idMembers(format, settings.traceKeys);
  const reserved = reservedKeys(format, members);
  const ids = idsJson(members, settings.gcpProjectId);
  const service = serviceJson(format);
  const level = levelJson(format.levels);
  const exception = exceptionJson(format);
  const beforeTime = `{${JSON.stringify(keys.time)}:"`;
  const beforeLevel = `",${JSON.stringify(keys.level)}:`;
  const beforeLogger = `,${JSON.stringify(keys.logger)}:`;
  const beforeMessage = `,${JSON.stringify(keys.message)}:`;
  const constants = Object.entries(format.constants ?? {})
    .map(([key, value]) => `,${JSON.stringify(key)}:${JSON.stringify(value)}`)
    .join('');

  return (entry, room) => {
    const { logger, fields, error } = entry;
    const message = beforeMessage + quote(safeText(entry.message), { left: room });
    const line =
      beforeTime +
      timestamp(entry.time ?? Date.now()) +
      beforeLevel +
      level(entry.level) +
      (messageFirst ? message : '') +
      constants +
      service(entry) +
      (logger === undefined ? '' : beforeLogger + JSON.stringify(safeText(logger))) +
      (messageFirst ? '' : message) +
      ids(entry.spanContext) +
      (fields === undefined || fields.length === 0
        ? ''
        : allFieldsJson(fields, reserved, { left: room, isSecret })) +
      (error === undefined ? '' : exception(error, { left: room, isSecret })) +
      '}';
    return asOneLine(line);
  };
}

function reservedKeys(format: JsonFormat, members: readonly { key: string }[]): ReadonlySet<string> {
  return new Set([
    ...Object.values(format.keys),
    ...Object.keys(format.constants ?? {}),
    ...format.service.map(([key]) => key),
    ...members.map(({ key }) => key),
    ...Object.values(format.exceptionParts ?? {}),
    ...(format.exception === undefined ? [] : [format.exception]),
  ]);
}

/** The service is the same on nearly every line, and so is its text. */
function serviceJson(format: JsonFormat): (entry: LogEntry) => string {
  let [service, version, environment]: unknown[] = [];
  let text = '';
  return (entry) => {
    if (
      text === '' ||
      entry.service !== service ||
      entry.serviceVersion !== version ||
      entry.environment !== environment
    ) {
      ({ service, serviceVersion: version, environment } = entry);
      text = '';
      for (const [key, of] of format.service) {
        const value = entry[of];
        if (value !== undefined) text += `,${JSON.stringify(key)}:${JSON.stringify(safeText(value))}`;
      }
    }
    return text;
  };
}

function levelJson(levels: JsonFormat['levels'] = {}): (level: string) => string {
  const names = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'];
  const texts = new Map(names.map((name) => [name, JSON.stringify(levels[name] ?? name)]));
  return (level) => texts.get(level) ?? JSON.stringify(safeText(level));
}

function exceptionJson({ exception, exceptionParts }: JsonFormat): (error: Error, room: JsonRoom) => string {
  if (exceptionParts === undefined) {
    return (error, room) => `,${JSON.stringify(exception)}:${valueJson(error, room) ?? '{}'}`;
  }
  return (error, room) => {
    const apart: Record<string, unknown> = {};
    const together: Record<string, unknown> = {};
    for (const [part, value] of Object.entries(describeError(error))) {
      const key = exceptionParts[part];
      if (key !== undefined) apart[key] = room.isSecret?.(part) ? REDACTED : value;
      if (key === undefined) together[part] = value;
    }
    const whole = exception === undefined ? apart : { ...apart, [exception]: together };
    return fieldsJson(whole, NOTHING, room);
  };
}

const NOTHING: ReadonlySet<string> = new Set();

function allFieldsJson(fields: readonly object[], reserved: ReadonlySet<string>, room: JsonRoom): string {
  let written = reserved;
  let json = '';
  for (let index = fields.length - 1; index >= 0; index -= 1) {
    const each = fields[index];
    if (each === undefined) continue;
    try {
      json = fieldsJson(each, written, room) + json;
      if (index > 0) written = new Set([...written, ...Object.keys(each)]);
    } catch {
      // A proxy that refuses to name its keys has no fields.
    }
  }
  return json;
}

/**
 * JSON leaves these as they are: DEL and the control characters of C1, which terminals obey and some readers take for line
 * ends, and two separators that Node's `readline`, among others, takes for such.
 */
const LEFT_BY_JSON = /[\p{Cc}\u2028\u2029]/u;
const ALL_LEFT_BY_JSON = new RegExp(LEFT_BY_JSON, 'gu');

function asOneLine(json: string): string {
  if (!LEFT_BY_JSON.test(json)) return json;
  return json.replaceAll(
    ALL_LEFT_BY_JSON,
    (character) => String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
