import type { SpanContext } from '@opentelemetry/api';

import type { TraceKeys } from './log-entry.ts';

/** What the lines are for: a backend that links them with traces, or `pretty` for a person at a terminal. */
export type LogFormatName = 'datadog' | 'ecs' | 'gcp' | 'json' | 'pretty' | 'xray';

/** A member that links a line with its span. */
export interface IdMember {
  readonly key: string;
  /** The option of `traceKeys` that gives it another key. */
  readonly option?: keyof TraceKeys;
  /** What stands there without a span; where there is none, the member is left out. */
  readonly zero?: string;
  /** A text without characters that JSON escapes, or a boolean. */
  value(span: SpanContext, gcpProjectId: string | undefined): boolean | string;
}

/** How one format of JSON lines names things; everything else is the same in all of them. */
export interface JsonFormat {
  readonly keys: {
    readonly time: string;
    readonly level: string;
    readonly logger: string;
    readonly message: string;
  };
  /** The format's words for our levels, where they are others. */
  readonly levels?: Readonly<Record<string, string>>;
  /** Members that say which service wrote the line; one that is not known is left out. */
  readonly service: readonly (readonly [key: string, of: 'environment' | 'service' | 'serviceVersion'])[];
  /** Members that are the same on every line. */
  readonly constants?: Readonly<Record<string, string>>;
  /** Whether the message stands before the service. */
  readonly messageFirst?: boolean;
  readonly ids: readonly IdMember[];
  /** The key of the exception's object; where there is none, only `exceptionParts` are written. */
  readonly exception?: string;
  /** Parts of an exception that are members of the line. */
  readonly exceptionParts?: Readonly<Record<string, string>>;
}

const NO_SPAN_ID = '0'.repeat(16);

/** specification/compatibility/logging_trace_context.md of OpenTelemetry. */
const TRACE_ID: IdMember = {
  key: 'trace_id',
  option: 'traceId',
  zero: '0'.repeat(32),
  value: (span) => span.traceId,
};
const SPAN_ID: IdMember = {
  key: 'span_id',
  option: 'spanId',
  zero: NO_SPAN_ID,
  value: (span) => span.spanId,
};
const TRACE_FLAGS: IdMember = {
  key: 'trace_flags',
  option: 'traceFlags',
  zero: '00',
  value: ({ traceFlags }) => (traceFlags & 0xff).toString(16).padStart(2, '0'),
};

const JSON_FORMAT: JsonFormat = {
  keys: { time: 'timestamp', level: 'level', logger: 'logger', message: 'message' },
  service: [['service', 'service']],
  ids: [TRACE_ID, SPAN_ID, TRACE_FLAGS],
  exception: 'exception',
};

/** How X-Ray writes a trace id: the seconds of its beginning apart. */
function xrayId({ traceId }: SpanContext): string {
  return `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`;
}

/**
 * How Datadog's tracers write ids on lines: a trace id of 128 bits as 32 hex digits, one that fits in 64 bits and
 * every span id as a decimal number.
 */
function datadogTraceId({ traceId }: SpanContext): string {
  return traceId.startsWith(NO_SPAN_ID) ? decimal(traceId.slice(16)) : traceId;
}

function decimal(hex: string): string {
  return BigInt(`0x${hex}`).toString();
}

/** Each format of JSON lines. */
export const JSON_FORMATS: Readonly<Record<Exclude<LogFormatName, 'pretty'>, JsonFormat>> = {
  json: JSON_FORMAT,
  xray: {
    ...JSON_FORMAT,
    ids: [
      ...JSON_FORMAT.ids,
      { key: 'xray_trace_id', value: xrayId },
      { key: 'AWS-XRAY-TRACE-ID', value: (span) => `${xrayId(span)}@${span.spanId}` },
    ],
  },
  datadog: {
    ...JSON_FORMAT,
    service: [
      ...JSON_FORMAT.service,
      ['dd.service', 'service'],
      ['dd.env', 'environment'],
      ['dd.version', 'serviceVersion'],
    ],
    ids: [
      ...JSON_FORMAT.ids,
      { key: 'dd.trace_id', value: datadogTraceId },
      { key: 'dd.span_id', value: (span) => decimal(span.spanId) },
    ],
  },
  // "Special JSON fields in messages" of Cloud Logging; Error Reporting looks for `stack_trace`.
  gcp: {
    keys: { time: 'time', level: 'severity', logger: 'logger', message: 'message' },
    // Those of pino and winston too.
    levels: {
      TRACE: 'DEBUG',
      SILLY: 'DEBUG',
      VERBOSE: 'DEBUG',
      HTTP: 'INFO',
      WARN: 'WARNING',
      FATAL: 'CRITICAL',
      CRIT: 'CRITICAL',
      EMERG: 'EMERGENCY',
    },
    service: JSON_FORMAT.service,
    ids: [
      {
        key: 'logging.googleapis.com/trace',
        option: 'traceId',
        value: ({ traceId }, project) =>
          project === undefined ? traceId : `projects/${project}/traces/${traceId}`,
      },
      { key: 'logging.googleapis.com/spanId', option: 'spanId', value: (span) => span.spanId },
      {
        key: 'logging.googleapis.com/trace_sampled',
        option: 'traceFlags',
        value: (span) => (span.traceFlags & 1) === 1,
      },
    ],
    exception: 'exception',
    exceptionParts: { stack: 'stack_trace' },
  },
  // The ECS logging specification: these names with their dots, in this order.
  ecs: {
    keys: { time: '@timestamp', level: 'log.level', logger: 'log.logger', message: 'message' },
    levels: { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' },
    messageFirst: true,
    constants: { 'ecs.version': '8.11.0' },
    service: [
      ['service.name', 'service'],
      ['service.version', 'serviceVersion'],
      ['service.environment', 'environment'],
    ],
    ids: [
      { key: 'trace.id', option: 'traceId', value: (span) => span.traceId },
      { key: 'span.id', option: 'spanId', value: (span) => span.spanId },
    ],
    exceptionParts: {
      type: 'error.type',
      message: 'error.message',
      stack: 'error.stack_trace',
      code: 'error.code',
      cause: 'error.cause',
      errors: 'error.errors',
    },
  },
};

/** Every format. */
export const LOG_FORMATS: readonly LogFormatName[] = ['json', 'xray', 'datadog', 'gcp', 'ecs', 'pretty'];
