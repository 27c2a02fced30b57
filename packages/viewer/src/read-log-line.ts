import { jsonValues } from './json-value.ts';
import { lineIds } from './log-line-ids.ts';
import { lineTime } from './log-line-time.ts';
import { levelText, severityOf } from './log-severity.ts';
import type { StoredLog } from './stored-log.ts';

/** Characters before the JSON of a line that are passed over: `docker compose` and others put a name there. */
const PREFIX = 200;

const LEVELS = ['level', 'severity', 'log.level', 'levelname', 'lvl', 'severityText', '@l'];
const MESSAGES = ['message', 'msg', 'body', '@m', '@mt', 'event'];
const SERVICES = ['service', 'service.name', 'dd.service', 'name', 'app'];

/**
 * A line of text as a log line of a trace: the kit's formats, pino's, winston's and others' JSON.
 *
 * @param now Time in milliseconds for a line that has none.
 * @returns undefined where it is no JSON object or names no trace.
 */
export function readLogLine(text: string, now: number): StoredLog | undefined {
  const line = parsed(text);
  if (!line) return undefined;
  const { traceId, spanId, keys } = lineIds(line);
  if (traceId === undefined) return undefined;
  const rest = new Map(Object.entries(line));
  for (const key of keys) rest.delete(key);
  const take = (names: readonly string[], isIt: (value: unknown) => boolean): unknown => {
    const key = names.find((name) => isIt(rest.get(name)));
    const value = key === undefined ? undefined : rest.get(key);
    if (key !== undefined) rest.delete(key);
    return value;
  };
  const level = take(LEVELS, isLevel) ?? nested(rest, 'log', 'level');
  const message = take(MESSAGES, isText) ?? '';
  const service = take(SERVICES, isText) ?? nested(rest, 'service', 'name') ?? '';
  const levelName = levelText(level);
  return {
    traceId,
    ...(spanId !== undefined && { spanId }),
    timeUnixNano: lineTime(rest, now),
    severityNumber: severityOf(levelName),
    level: levelName,
    message: String(message),
    service: String(service),
    attributes: jsonValues(Object.fromEntries(rest)),
    resource: {},
  };
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  const at = text.indexOf('{');
  if (at < 0 || at > PREFIX) return undefined;
  try {
    const value: unknown = JSON.parse(at === 0 ? text : text.slice(at));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // Any other text, which a person reads where it goes.
    return undefined;
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isLevel(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

/** `log: { level }` of Elastic's loggers. */
function nested(fields: ReadonlyMap<string, unknown>, key: string, below: string): unknown {
  const value = (Object(fields.get(key)) as Record<string, unknown>)[below];
  return isLevel(value) ? value : undefined;
}
