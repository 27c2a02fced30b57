import { inspect } from 'node:util';

import { readString } from './environment.ts';
import type { TraceKeys } from './log-entry.ts';
import { LOG_FORMATS, type LogFormatName } from './log-formats.ts';
import { quoted } from './one-line.ts';

/** How ids stand on a line: the options that all bindings have. */
export interface TraceFieldsSettings {
  /**
   * The backend that the lines are for. Default: `LOG_FORMAT`, then `json`. docs/logging.md lists what each
   * writes.
   */
  readonly logFormat?: LogFormatName | undefined;
  /** Other keys for the ids; they take the place of the format's. */
  readonly traceKeys?: TraceKeys | undefined;
  /**
   * For `gcp`: the project whose traces the lines link to. Default: `GOOGLE_CLOUD_PROJECT`; without either, the trace id
   * stands alone.
   */
  readonly gcpProjectId?: string | undefined;
}

/** A setting, and what is wrong with the variable that it would have come from. */
export interface ReadSetting<T> {
  readonly value: T;
  readonly warning?: string;
}

/** The format: in code, then `LOG_FORMAT`, then `json`. */
export function logFormatOf(given: LogFormatName | undefined): ReadSetting<LogFormatName> {
  const text = given ?? readString('LOG_FORMAT');
  const found = LOG_FORMATS.find((name) => name === text?.toLowerCase());
  if (text === undefined || found !== undefined) return { value: found ?? 'json' };
  return {
    value: 'json',
    warning: `LOG_FORMAT=${quoted(text)} is not one of ${LOG_FORMATS.join(', ')}; json is used`,
  };
}

/** The project: in code, then `GOOGLE_CLOUD_PROJECT`. A value that is no id of a project is none. */
export function gcpProjectOf(given: string | undefined): string | undefined {
  const id = given ?? readString('GOOGLE_CLOUD_PROJECT');
  return isProjectId(id) ? id : undefined;
}

/** @throws {TypeError} Names the option that is wrong, what it must be and what it is. */
export function checkTraceFieldsSettings(
  caller: string,
  { logFormat, traceKeys = {}, gcpProjectId }: TraceFieldsSettings,
): void {
  checkSetting(caller, 'logFormat', `one of ${LOG_FORMATS.join(', ')}`, logFormat, (value) =>
    LOG_FORMATS.includes(value as LogFormatName),
  );
  for (const [name, key] of Object.entries(traceKeys)) {
    checkSetting(caller, `traceKeys.${name}`, 'a text that is not empty', key, isText);
  }
  checkSetting(caller, 'gcpProjectId', 'the id of a project', gcpProjectId, isProjectId);
}

/** @throws {TypeError} Where `value` is given and is not right. */
export function checkSetting(
  caller: string,
  name: string,
  expected: string,
  value: unknown,
  isRight: (value: unknown) => boolean,
): void {
  if (value === undefined || isRight(value)) return;
  throw new TypeError(`${caller}: ${name} must be ${expected}; got ${inspect(value)}`);
}

/** Whether a value is a text with something in it. */
export function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

// Ids of old projects may have a domain before them: `example.com:shop`.
function isProjectId(value: unknown): boolean {
  return typeof value === 'string' && /^[\w.:-]+$/.test(value);
}
