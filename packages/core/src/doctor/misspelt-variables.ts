import type { DoctorFinding } from './doctor-report.ts';
import { note } from './finding.ts';

const OTLP = [
  'CERTIFICATE',
  'CLIENT_CERTIFICATE',
  'CLIENT_KEY',
  'COMPRESSION',
  'ENDPOINT',
  'HEADERS',
  'PROTOCOL',
  'TIMEOUT',
];

/** The variables that the kit reads. */
const READ: ReadonlySet<string> = new Set([
  ...['', 'TRACES_', 'METRICS_', 'LOGS_'].flatMap((signal) =>
    OTLP.map((setting) => `OTEL_EXPORTER_OTLP_${signal}${setting}`),
  ),
  'OTEL_ATTRIBUTE_COUNT_LIMIT',
  'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
  'OTEL_BSP_EXPORT_TIMEOUT',
  'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
  'OTEL_BSP_MAX_QUEUE_SIZE',
  'OTEL_BSP_SCHEDULE_DELAY',
  'OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT',
  'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
  'OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST',
  'OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE',
  'OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SANITIZE_FIELDS',
  'OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST',
  'OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE',
  'OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS',
  'OTEL_LINK_ATTRIBUTE_COUNT_LIMIT',
  'OTEL_LOG_LEVEL',
  'OTEL_METRICS_EXPORTER',
  'OTEL_METRIC_EXPORT_INTERVAL',
  'OTEL_METRIC_EXPORT_TIMEOUT',
  'OTEL_NODE_EXCLUDED_URLS',
  'OTEL_PROPAGATORS',
  'OTEL_RESOURCE_ATTRIBUTES',
  'OTEL_SDK_DISABLED',
  'OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN',
  'OTEL_SERVICE_NAME',
  'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT',
  'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT',
  'OTEL_SPAN_EVENT_COUNT_LIMIT',
  'OTEL_SPAN_LINK_COUNT_LIMIT',
  'OTEL_TRACES_EXPORTER',
  'OTEL_TRACES_SAMPLER',
  'OTEL_TRACES_SAMPLER_ARG',
]);

/** Variables whose names are one slip away from one that is read: a letter too few, too many, another, or two exchanged. */
export function misspeltFindings(names: readonly string[]): readonly DoctorFinding[] {
  return names.flatMap((name) => {
    if (READ.has(name)) return [];
    const meant = [...READ].find((known) => isOneSlip(name, known));
    return meant === undefined
      ? []
      : [note('setting-misspelt', `${name} is set, which nothing here reads`, `Is ${meant} meant?`)];
  });
}

function isOneSlip(name: string, known: string): boolean {
  if (Math.abs(name.length - known.length) > 1) return false;
  let start = 0;
  while (start < name.length && name[start] === known[start]) start += 1;
  let end = 0;
  const shorter = Math.min(name.length, known.length) - start;
  while (end < shorter && name.at(-1 - end) === known.at(-1 - end)) end += 1;
  const [one, other] = [name, known].map((text) => text.slice(start, text.length - end));
  if (one === undefined || other === undefined) return false;
  if (one.length <= 1 && other.length <= 1) return true;
  return one.length === 2 && other.length === 2 && one[0] === other[1] && one[1] === other[0];
}
