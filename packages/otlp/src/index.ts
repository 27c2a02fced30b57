export type { OtlpLog } from './log-records.ts';
export { answerOtlp, type OtlpEncoding, type OtlpPartialSuccess, type OtlpSignal } from './otlp-answer.ts';
export { type OtlpJsonContents, readOtlpJson } from './otlp-file.ts';
export { type OtlpExport, otlpHandler, type OtlpHandlerOptions } from './otlp-handler.ts';
export { logsToOtlpJson, type OtlpJsonLogs, type OtlpJsonSpans, spansToOtlpJson } from './otlp-json.ts';
export type { OtlpLimits } from './otlp-limits.ts';
export { OtlpRequestError } from './otlp-request-error.ts';
export { type OtlpRequest, readSpanRequest } from './otlp-request.ts';
