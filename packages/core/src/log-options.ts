import type { LogFormatterOptions } from './log-line.ts';
import { isLevelName, LEVEL_NUMBERS, type LogLevelName } from './log-levels.ts';
import type { LogStream } from './log-output.ts';
import { checkRedact } from './log-redaction.ts';
import { checkSetting, checkTraceFieldsSettings, isText, type TraceFieldsSettings } from './log-settings.ts';

/** Options of a binding that writes lines itself. */
export interface LineOptions extends TraceFieldsSettings {
  /**
   * `service` of each line. Default: the name that spans have (`initTracing`, then `OTEL_SERVICE_NAME` and
   * `OTEL_RESOURCE_ATTRIBUTES`).
   */
  readonly serviceName?: string | undefined;
  /** Level at the start. */
  readonly level?: LogLevelName | undefined;
  /**
   * Called for each line: fields to add, such as the id of a job. Fields of the line itself win. What it throws
   * goes to OpenTelemetry's `diag`, and the line is written without.
   */
  readonly fields?: (() => object | undefined) | undefined;
  /**
   * Names of fields whose values are secret, and expressions that are searched in the names: `[REDACTED]` stands in
   * their place, at any depth and in exceptions too. Texts match the whole name, in any case of letters. A secret
   * inside a text is not found.
   */
  readonly redact?: LogFormatterOptions['redact'];
  /**
   * Bytes that a line may take, its line break included, from 256; what is longer is cut. Default: 4096 where several
   * processes of one cluster share a pipe, since Linux keeps no longer line in one piece there; else no limit, and
   * message, fields and exception are cut at 65,536 characters each.
   */
  readonly maxLineBytes?: number | undefined;
}

/** Options of `configureLogging`. */
export interface LoggingOptions extends LineOptions {
  /** Level at the start. Default: `LOG_LEVEL`, then `info`. The application's own `setLevel` works after it. */
  readonly level?: LogLevelName | undefined;
  /**
   * Levels of named loggers at the start; in a name `*` stands for any characters. Default: those of `LOG_LEVEL`
   * (`info,db=debug,http.*=warn`). A logger whose level the application has set keeps it.
   */
  readonly levels?: Readonly<Record<string, LogLevelName>> | undefined;
  /** Default: `process.stderr`. */
  readonly stream?: LogStream | undefined;
}

/** @throws {TypeError} Names the option that is wrong, what it must be and what it is. */
export function checkLineOptions(
  caller: string,
  options: LineOptions & { stream?: LogStream | undefined },
): void {
  const { serviceName, level, fields, redact, maxLineBytes, stream } = options;
  checkSetting(caller, 'serviceName', 'a text that is not empty', serviceName, isText);
  checkSetting(caller, 'level', LEVEL_EXPECTED, level, isLevelName);
  checkSetting(caller, 'fields', 'a function', fields, (value) => typeof value === 'function');
  checkTraceFieldsSettings(caller, options);
  checkRedact(`${caller}: redact`, redact);
  checkSetting(
    caller,
    'maxLineBytes',
    'a whole number from 256',
    maxLineBytes,
    (value) => Number.isInteger(value) && Number(value) >= 256,
  );
  checkSetting(
    caller,
    'stream',
    'a writable stream',
    stream,
    (value) => typeof Object(value).write === 'function',
  );
}

/** @throws {TypeError} Names the option that is wrong, what it must be and what it is. */
export function checkLoggingOptions(options: LoggingOptions): void {
  checkLineOptions('configureLogging', options);
  const { levels } = options;
  const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null;
  checkSetting('configureLogging', 'levels', 'an object of levels by name', levels, isRecord);
  for (const [name, level] of Object.entries(levels ?? {})) {
    checkSetting('configureLogging', `levels[${JSON.stringify(name)}]`, LEVEL_EXPECTED, level, isLevelName);
  }
}

const LEVEL_EXPECTED = `one of ${Object.keys(LEVEL_NUMBERS).join(', ')}`;
