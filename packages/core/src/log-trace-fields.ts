import { type Context, diag, isSpanContextValid, type SpanContext } from '@opentelemetry/api';

import { contextFields } from './log-context-fields.ts';
import { JSON_FORMATS, type LogFormatName } from './log-formats.ts';
import type { LineOptions } from './log-options.ts';
import { currentService } from './log-service.ts';
import {
  checkSetting,
  checkTraceFieldsSettings,
  gcpProjectOf,
  isText,
  logFormatOf,
  type TraceFieldsSettings,
} from './log-settings.ts';
import { activeSpanContext, idMembers } from './log-trace-ids.ts';
import { guardedFields } from './log-writer.ts';

/** Options of the bindings for loggers that write their lines themselves: pino and winston. */
export interface TraceFieldsOptions extends TraceFieldsSettings {
  /** For `datadog`: `dd.service`. Default: the name that spans have. */
  readonly serviceName?: string | undefined;
  /**
   * Called for each line: fields to add. Fields of the application's own win. What it throws goes to
   * OpenTelemetry's `diag`, and the line is written without.
   */
  readonly fields?: LineOptions['fields'];
  /** Whether fields are added at the start. Default: yes. */
  readonly enabled?: boolean | undefined;
}

/** A plain object of fields, made anew for each line. */
export type TraceFields = Record<string, unknown>;

/** Fields for a line that is written now, and the keys under which its ids stand. */
export interface TraceFieldsSource {
  /** The keys of the ids. */
  readonly keys: readonly string[];
  /**
   * The ids of the span, in the format's form, and added fields; empty without any.
   *
   * @param level As the logger calls it.
   * @param active Whose span and fields; default: the active context.
   */
  read(level?: string, active?: Context): TraceFields;
}

/**
 * What a line of another logger gets. Without a span, or with an invalid one, it has no ids: a logger that writes only what it
 * was given writes no zeros.
 *
 * @throws {TypeError} Names the option that is wrong.
 */
export function traceFieldsSource(caller: string, options: TraceFieldsOptions): TraceFieldsSource {
  checkTraceFieldsSettings(caller, options);
  checkSetting(caller, 'serviceName', 'a text that is not empty', options.serviceName, isText);
  const isFunction = (value: unknown): boolean => typeof value === 'function';
  checkSetting(caller, 'fields', 'a function', options.fields, isFunction);
  checkSetting(caller, 'enabled', 'true or false', options.enabled, (value) => typeof value === 'boolean');
  const { value: formatName, warning } = logFormatOf(options.logFormat);
  if (warning !== undefined) diag.warn(warning);

  const format = JSON_FORMATS[ofLines(formatName)];
  const project = gcpProjectOf(options.gcpProjectId);
  const members = idMembers(format, options.traceKeys);
  // Those of a backend alone: the logger names its service itself, where it does.
  const service = format.service.filter(([key]) => key.startsWith('dd.'));
  const serviceNow = service.length > 0 ? currentService(options.serviceName) : undefined;
  const addedFields = guardedFields(options.fields);
  const severity = formatName === 'gcp' ? (format.levels ?? {}) : undefined;

  // Lines come in bursts from one span, so its fields are kept.
  let last: SpanContext | undefined;
  let ids: TraceFields | undefined;
  function idsOf(span: SpanContext): TraceFields | undefined {
    if (span === last) return ids;
    last = span;
    ids = undefined;
    if (isSpanContextValid(span)) {
      ids = {};
      for (const member of members) ids[member.key] = member.value(span, project);
    }
    return ids;
  }

  return {
    keys: members.map(({ key }) => key),
    read(level, active) {
      const given = contextFields(active);
      const span = activeSpanContext(active);
      const known = span && idsOf(span);
      // Not a spread: V8 11 (Node 20) takes microseconds for each property that a logger adds to its result.
      const fields: TraceFields = {};
      Object.assign(fields, given, addedFields?.());
      if (severity && level !== undefined) {
        const name = level.toUpperCase();
        fields['severity'] = severity[name] ?? name;
      }
      if (known === undefined) return fields;
      Object.assign(fields, known);
      if (serviceNow) {
        const names = serviceNow();
        for (const [key, of] of service) if (names[of] !== undefined) fields[key] = names[of];
      }
      return fields;
    },
  };
}

/** A logger of another make writes for people in its own way; the ids are those of JSON. */
function ofLines(name: LogFormatName): Exclude<LogFormatName, 'pretty'> {
  return name === 'pretty' ? 'json' : name;
}
