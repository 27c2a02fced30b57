type Line = Readonly<Record<string, unknown>>;

/** The ids of a log line, and the fields that told them or the like. */
export interface LineIds {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly keys: readonly string[];
}

// The kit's formats first (docs/logging.md), then what loggers elsewhere write.
const TRACE_KEYS = [
  'trace_id',
  'trace.id',
  'logging.googleapis.com/trace',
  'dd.trace_id',
  'traceId',
  'TraceId',
  'traceID',
  'otelTraceID',
  '@tr',
];
const SPAN_KEYS = [
  'span_id',
  'span.id',
  'logging.googleapis.com/spanId',
  'dd.span_id',
  'spanId',
  'SpanId',
  'spanID',
  'otelSpanID',
  '@sp',
];
const XRAY_KEYS = ['AWS-XRAY-TRACE-ID', 'xray_trace_id'];
/** They tell of the span too, and are no news beside it. */
const OTHER_KEYS = ['trace_flags', 'traceFlags', 'logging.googleapis.com/trace_sampled', 'otelTraceSampled'];
/** Objects that hold ids: `trace: { id }` of Elastic's loggers, `dd: { trace_id }` of Datadog's. */
const NESTED = [
  ['trace', 'id', 'traceId'],
  ['span', 'id', 'spanId'],
  ['dd', 'trace_id', 'traceId'],
  ['dd', 'span_id', 'spanId'],
] as const;

/** Reads the ids of a line, in whichever of the known forms it has them. Zeros are none. */
export function lineIds(line: Line): LineIds {
  const keys = [...TRACE_KEYS, ...SPAN_KEYS, ...XRAY_KEYS, ...OTHER_KEYS].filter((key) => key in line);
  let traceId = firstId(line, TRACE_KEYS, 32);
  let spanId = firstId(line, SPAN_KEYS, 16);
  for (const key of XRAY_KEYS) {
    const xray = xrayIds(line[key]);
    traceId ??= xray.traceId;
    spanId ??= xray.spanId;
  }
  for (const [outer, inner, what] of NESTED) {
    const found = idOf((Object(line[outer]) as Line)[inner], what === 'traceId' ? 32 : 16);
    if (what === 'traceId') traceId ??= found;
    else spanId ??= found;
  }
  return { ...(traceId !== undefined && { traceId }), ...(spanId !== undefined && { spanId }), keys };
}

function firstId(line: Line, keys: readonly string[], length: number): string | undefined {
  for (const key of keys) {
    const id = idOf(line[key], length);
    if (id !== undefined) return id;
  }
  return undefined;
}

/** Hex digits; Datadog's decimal number of 64 bits; Google's `projects/…/traces/` with the id. */
function idOf(value: unknown, length: number): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.slice(value.lastIndexOf('/') + 1).toLowerCase();
  if (text.length === length && /^[0-9a-f]+$/.test(text)) return /[^0]/.test(text) ? text : undefined;
  if (!/^[1-9]\d{0,19}$/.test(text)) return undefined;
  return BigInt.asUintN(64, BigInt(text)).toString(16).padStart(length, '0');
}

/** `1-<8 digits>-<24 digits>`, with `@<span id>` after it where the span is told. */
function xrayIds(value: unknown): { traceId?: string; spanId?: string } {
  // An object's own `toString`, which JSON can hold, need not be a function.
  if (typeof value !== 'string') return {};
  const found = /^1-([0-9a-f]{8})-([0-9a-f]{24})(?:@([0-9a-f]{16}))?$/i.exec(value);
  if (!found) return {};
  const [, seconds = '', rest = '', span] = found;
  return {
    traceId: `${seconds}${rest}`.toLowerCase(),
    ...(span !== undefined && { spanId: span.toLowerCase() }),
  };
}
