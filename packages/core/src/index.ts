export { isTracingSuppressed, suppressTracing } from '@opentelemetry/core';

export type { SpanRecord, SpanRecordEvent, SpanRecordLink } from './span-record.ts';
export { version } from './version.ts';
export { liveTracer } from './tracer.ts';
export { withSpan } from './with-span.ts';
export { type CarrierAdapter, extractContext, injectContext } from './carrier.ts';
export { type SqsAttribute, sqsAttributes } from './carrier-sqs.ts';
export { withConsumerSpan, withProducerSpan } from './messaging.ts';
export type { ConsumerSpanOptions, MessageSpanOptions } from './messaging-options.ts';
export {
  type HttpFramework,
  type HttpServerTracing,
  serverContextOf,
  type ServerSpan,
  serverSpanOf,
  traceHttpServer,
} from './server-span.ts';
export { metRequest } from './early-request.ts';
export { whenResponseAbandoned } from './abandoned-response.ts';
export { activeRequestId, type RequestIdOptions, withRequestId } from './request-id.ts';
export { withBaggage } from './with-baggage.ts';
export { baggageSpanProcessor } from './sdk/baggage-span-processor.ts';
export type { HttpServerOptions } from './http-server-options.ts';
export type { Layer, LayerMatcher, LayerOptions, LayerRules } from './layer-rules.ts';
export type { CaptureHeadersOptions, HeaderNames } from './captured-headers.ts';
export type { RedactQuery } from './query-redaction.ts';
export { bindContext } from './bind-context.ts';
export type { UrlExclusion, UrlExclusionRule } from './url-exclusion.ts';
export type {
  OutgoingHttpOptions,
  OutgoingRequestInfo,
  OutgoingResponseInfo,
} from './outgoing-http-options.ts';
export { initTracing, type TracingHandle } from './init-tracing.ts';
export type { ExportReport, TracingReport } from './tracing-report.ts';
export type { InitTracingOptions } from './sdk/options.ts';
export type { BatchOptions } from './sdk/batch-options.ts';
export type { ExporterName } from './sdk/span-outputs.ts';
export type { MetricExporterName, MetricsOptions } from './sdk/metrics-options.ts';
export type { OtlpOptions, OtlpProtocol } from './sdk/otlp-settings.ts';
export type { PropagatorName } from './sdk/propagators.ts';
export type { SamplerName } from './sdk/sampler.ts';
export type { SpanLimitOptions } from './sdk/span-limits.ts';
export type { TracingLogLevel } from './diagnostics.ts';
export { toSpanRecord } from './span-record-from-sdk.ts';
export { buildTraceTree, type TraceTree, type TraceTreeNode, type TreeSpan } from './trace-tree.ts';
export {
  drawTraceTree,
  drawTraceTreeBlocks,
  type DrawTraceTreeOptions,
  type TraceTreeBlock,
} from './trace-tree-drawing.ts';
export { columns as textColumns } from './trace-tree-text.ts';
export type { TreeLogLine } from './trace-tree-details.ts';
export { configureLogging, type LoglevelLogger, type LoglevelRoot } from './configure-logging.ts';
export { childLogger, type LoggerMethods } from './child-logger.ts';
export { createLogFormatter, formatLogLine, type LogFormatterOptions } from './log-line.ts';
export type { LogEntry, LogFormatter, TraceKeys } from './log-entry.ts';
export type { LogFormatName } from './log-formats.ts';
export type { LogLevelName } from './log-levels.ts';
export type { LineOptions, LoggingOptions } from './log-options.ts';
export { configureConsoleLogging, type ConsoleLoggingOptions, type ConsoleMethods } from './log-console.ts';
export {
  type PinoMixin,
  pinoTraceMixin,
  type PinoTraceMixin,
  type PinoTraceMixinOptions,
} from './log-pino.ts';
export type { TraceFieldsOptions } from './log-trace-fields.ts';
export {
  traceWinston,
  type WinstonLogger,
  winstonTraceFormat,
  type WinstonTraceFormat,
} from './log-winston.ts';
export { terminalLook, type MaybeTerminal } from './trace-tree-terminal.ts';
export { ConsoleSpanProcessor, type ConsoleSpanProcessorOptions } from './sdk/console-span-processor.ts';
export {
  durationMetric,
  type DurationMetric,
  type DurationMetricDescription,
  HTTP_DURATION_BOUNDARIES,
} from './duration-metric.ts';
export { type ExceptionLog, failSpan, type FailureOptions, recordException } from './exception.ts';
export { callHook } from './user-hook.ts';
export { giveAttributes } from './own-attributes.ts';
export { attributesNeededAtStart } from './shared-state.ts';
export { doctor, type DoctorOptions } from './doctor/doctor.ts';
export type {
  DoctorFinding,
  DoctorReport,
  JsonOf,
  PackageCopy,
  ProbeReport,
  Registered,
  ReportedExporter,
} from './doctor/doctor-report.ts';
export { formatDoctorReport } from './doctor/doctor-text.ts';
export { runDoctor } from './doctor/command-line.ts';
export { notePlugin } from './doctor/noted.ts';
