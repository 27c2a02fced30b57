import protobuf from 'protobufjs/light.js';

import { otlpDescriptor } from './otlp-descriptor.ts';

// What the definitions say, as far as it is read, in the form in which protobufjs decodes it: a field that is not given
// has its default by the prototype, so that none is absent.

export interface TraceRequest {
  readonly resourceSpans: readonly ResourceSpans[];
}
export interface ResourceSpans {
  readonly resource: Resource | null;
  readonly scopeSpans: readonly { readonly scope: Scope | null; readonly spans: readonly Span[] }[];
}
export interface LogsRequest {
  readonly resourceLogs: readonly ResourceLogs[];
}
export interface ResourceLogs {
  readonly resource: Resource | null;
  readonly scopeLogs: readonly { readonly scope: Scope | null; readonly logRecords: readonly LogRecord[] }[];
}
export interface Resource {
  readonly attributes: readonly KeyValue[];
}
export interface Scope {
  readonly name: string;
  readonly version: string;
}
export interface Span {
  readonly traceId: Id;
  readonly spanId: Id;
  readonly parentSpanId: Id;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: Integer;
  readonly endTimeUnixNano: Integer;
  readonly attributes: readonly KeyValue[];
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  readonly status: { readonly message: string; readonly code: number } | null;
}
export interface SpanEvent {
  readonly timeUnixNano: Integer;
  readonly name: string;
  readonly attributes: readonly KeyValue[];
}
export interface SpanLink {
  readonly traceId: Id;
  readonly spanId: Id;
  readonly attributes: readonly KeyValue[];
}
export interface LogRecord {
  readonly timeUnixNano: Integer;
  readonly observedTimeUnixNano: Integer;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: AnyValue | null;
  readonly attributes: readonly KeyValue[];
  readonly traceId: Id;
  readonly spanId: Id;
  readonly eventName: string;
}
export interface KeyValue {
  readonly key: string;
  readonly value: AnyValue | null;
}
export interface AnyValue {
  /** Which of them it has. */
  readonly value?: ValueField;
  readonly stringValue: string;
  readonly boolValue: boolean;
  readonly intValue: Integer;
  readonly doubleValue: number;
  readonly arrayValue: { readonly values: readonly AnyValue[] };
  readonly kvlistValue: { readonly values: readonly KeyValue[] };
  readonly bytesValue: Uint8Array;
}
export type ValueField =
  | 'stringValue'
  | 'boolValue'
  | 'intValue'
  | 'doubleValue'
  | 'arrayValue'
  | 'kvlistValue'
  | 'bytesValue';

/** Empty where it is not given. Text is what is no hex in JSON. */
export type Id = Uint8Array | readonly never[] | { readonly length: 1; readonly text: string };

/** 64 bits: a Long where it comes from JSON, or is a default. */
export type Integer = number | bigint | { toBigInt(): bigint };

/** Nanoseconds since the Unix epoch. */
export function timeOf(time: Integer): bigint {
  if (typeof time === 'bigint') return time;
  return typeof time === 'number' ? BigInt(time) : time.toBigInt();
}

const root = protobuf.Root.fromJSON(otlpDescriptor);

// protobufjs's own setter of a oneof deletes all its other fields each time.
class AnyValueMessage extends protobuf.Message {
  value: ValueField | undefined = undefined;
}
root.lookupType('opentelemetry.proto.common.v1.AnyValue').ctor = AnyValueMessage;

// protobufjs's own constructors make a list for each repeated field, which most spans have no use for.
class SpanMessage extends protobuf.Message {}
root.lookupType('opentelemetry.proto.trace.v1.Span').ctor = SpanMessage;

class EventMessage extends protobuf.Message {}
root.lookupType('opentelemetry.proto.trace.v1.Span.Event').ctor = EventMessage;

export const traceRequest: protobuf.Type = root.lookupType(
  'opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest',
);
export const logsRequest: protobuf.Type = root.lookupType(
  'opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest',
);
export const traceResponse: protobuf.Type = root.lookupType(
  'opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse',
);
export const logsResponse: protobuf.Type = root.lookupType(
  'opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse',
);

/** OTLP answers a failure with google.rpc.Status, of which these two fields matter here. */
export const rpcStatus: protobuf.Type = new protobuf.Type('Status')
  .add(new protobuf.Field('code', 1, 'int32'))
  .add(new protobuf.Field('message', 2, 'string'));
