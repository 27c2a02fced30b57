export type { OtlpExport, OtlpLog } from '@org/tracing-otlp';

export {
  collectSpans,
  type CollectSpansOptions,
  spanCollector,
  type SpanCollecting,
  type SpanCollector,
} from './collect-spans.ts';
export { type OtlpReceiver, type OtlpReceiverOptions, startOtlpReceiver } from './otlp-receiver.ts';
export {
  type ExpectedLine,
  type LogLine,
  type ServiceExit,
  type ServiceOptions,
  type ServiceProcess,
  startService,
} from './service-process.ts';
export { answerSpanExport, type PartialSuccess, readSpanExport, type SpanExport } from './span-export.ts';
export type { CollectedSpans, WaitOptions } from './span-collection.ts';
export type { WantedTrace } from './whole-trace.ts';
