// What the server tells the page, as JSON: the types of both sides.
//
// GET  /api/traces?<TraceQuery>                    TraceList
// GET  /api/traces/{traceId}                       TraceDetail
// GET  /api/traces/{traceId}/spans/{spanId}        SpanDetail
// GET  /api/traces/{traceId}/logs                  LogLine[], all of the trace, by their time
// GET  /api/traces/{traceId}/otlp                  a file: OTLP JSON with the trace and its log lines
// POST /api/import                                 OTLP JSON; ImportResult
// GET  /api/facets                                 Facets
// GET  /api/map                                    ServiceMap
// GET  /api/events                                 server-sent events: LiveEvent, the type as `event`
//
// An answer of 400 and more is a Problem. Ids are lower-case hex, times text or numbers as each field says.

/** Any value of an attribute: a bigint of OTLP is text. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { [key: string]: JsonValue };

export interface Problem {
  /** What was wrong, what was expected, what to do. */
  readonly error: string;
}

/** Filters of the list, in a URL's query as they are named here. Those that are absent let everything pass. */
export interface TraceQuery {
  /** Service of any span. */
  readonly service?: string;
  /** `http.route` of any span, or the whole name of the root. */
  readonly route?: string;
  /** `httpStatus` of the summary: `404`, or a class: `5xx`. */
  readonly status?: string;
  /** Least duration of the trace in milliseconds. */
  readonly minMs?: string;
  /** Greatest duration of the trace in milliseconds. */
  readonly maxMs?: string;
  /** `true`: any span failed; `false`: none did. */
  readonly error?: 'true' | 'false';
  /** `request_id` of any span or log line. */
  readonly requestId?: string;
  /** `key=value` of an attribute of any span, or `key` alone for one that has it; may come several times. */
  readonly attribute?: string | readonly string[];
  /**
   * Text in a name, service, attribute's value, error or log line; a trace id, or at least 8
   * digits of its end. Case does not matter.
   */
  readonly text?: string;
  /** `newest` by default. */
  readonly sort?: TraceSort;
  /** 200 by default, 1000 at most. */
  readonly limit?: string;
}

export type TraceSort = 'newest' | 'oldest' | 'longest' | 'shortest' | 'spans' | 'errors';

export interface TraceList {
  /** Those of the filters, sorted, `limit` at most. */
  readonly traces: readonly TraceSummary[];
  /** How many match, with those beyond `limit`. */
  readonly matched: number;
  readonly counts: StoreCounts;
}

export interface TraceSummary {
  readonly traceId: string;
  /** Name of the root, or of the earliest span where no root has come. */
  readonly name: string;
  /** Service of that span. */
  readonly service: string;
  /** Milliseconds since the Unix epoch, with a fraction. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly spanCount: number;
  readonly errorCount: number;
  readonly logCount: number;
  /** With how many spans each has, the one of the first span first. */
  readonly services: readonly { readonly name: string; readonly spans: number }[];
  /** `http.response.status_code` of the span that gives the name. */
  readonly httpStatus?: number;
  readonly requestId?: string;
  /** Whether the root has come. */
  readonly whole: boolean;
  /** Goes up with each change of the trace. */
  readonly revision: number;
}

/** What the store holds, and what it has let go to stay within its bounds. */
export interface StoreCounts {
  readonly traces: number;
  readonly spans: number;
  readonly logs: number;
  readonly bytes: number;
  readonly evictedTraces: number;
  readonly evictedSpans: number;
  /** With their traces, or while they waited for one. */
  readonly evictedLogs: number;
  readonly limits: { readonly traces: number; readonly spans: number; readonly bytes: number };
}

/**
 * A trace without what its spans hold: 100,000 spans are to be one quick answer. What belongs to one span stands at one
 * index of all lists of `spans`, and the spans stand in the order in which the tree is drawn: a parent before its
 * children, siblings by their start.
 */
export interface TraceDetail {
  readonly summary: TraceSummary;
  /** Nanoseconds since the Unix epoch, as text. Start offsets count from here. */
  readonly startTimeUnixNano: string;
  /** Names of services, which `spans.service` points into. */
  readonly services: readonly string[];
  /** Names of spans, which `spans.name` points into. */
  readonly names: readonly string[];
  readonly spans: {
    readonly id: readonly string[];
    /** Index of the parent; -1 for a root. */
    readonly parent: readonly number[];
    readonly service: readonly number[];
    readonly name: readonly number[];
    /** As OpenTelemetry's API numbers them: 0 INTERNAL, 1 SERVER, 2 CLIENT, 3 PRODUCER, 4 CONSUMER. */
    readonly kind: readonly number[];
    /** Microseconds from the trace's start. */
    readonly startUs: readonly number[];
    readonly durationUs: readonly number[];
    /** 0 unset, 1 OK, 2 ERROR. */
    readonly status: readonly number[];
    readonly logs: readonly number[];
    readonly links: readonly number[];
    /** 0: all is well; 1: a root whose parent has not come; 2: a root whose parent is its own descendant. */
    readonly orphan: readonly number[];
  };
  /** Traces that this one's spans link to, and those that link here: known are those that the store holds. */
  readonly related: readonly { readonly traceId: string; readonly known: boolean; readonly to: boolean }[];
  /** Log lines of the trace whose span is not here. */
  readonly looseLogs: readonly LogLine[];
}

export interface SpanDetail {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly service: string;
  readonly kind: number;
  /** Nanoseconds since the Unix epoch, as text. */
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number; readonly message?: string };
  readonly attributes: { readonly [key: string]: JsonValue };
  readonly events: readonly {
    readonly name: string;
    readonly timeUnixNano: string;
    readonly attributes: { readonly [key: string]: JsonValue };
  }[];
  readonly links: readonly SpanLink[];
  /** Spans elsewhere that link to this one. */
  readonly linkedFrom: readonly SpanLink[];
  readonly logs: readonly LogLine[];
  readonly resource: { readonly [key: string]: JsonValue };
  readonly scope: { readonly name: string; readonly version?: string };
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: { readonly [key: string]: JsonValue };
  /** Whether the store holds that trace. */
  readonly known: boolean;
}

export interface LogLine {
  readonly spanId?: string;
  /** Nanoseconds since the Unix epoch, as text. */
  readonly timeUnixNano: string;
  /** As it is to be shown: `INFO`; empty where it is not known. */
  readonly level: string;
  readonly message: string;
  readonly service: string;
  readonly attributes: { readonly [key: string]: JsonValue };
}

export interface ImportResult {
  readonly traceIds: readonly string[];
  /** That were read. */
  readonly spans: number;
  readonly logs: number;
  /** Those of the spans that the store had no room for, or has let go since. */
  readonly missingSpans: number;
  /** What could not be read, and why; absent where all was. */
  readonly leftOut?: string;
}

/** What the store holds to choose from, sorted, 500 at most of each. */
export interface Facets {
  readonly services: readonly string[];
  readonly routes: readonly string[];
  readonly statuses: readonly number[];
  readonly attributeKeys: readonly string[];
}

/** Who calls whom, from all traces that the store holds. */
export interface ServiceMap {
  readonly nodes: readonly {
    readonly service: string;
    /** SERVER and CONSUMER spans of it. */
    readonly requests: number;
    readonly errors: number;
    /** What is no service of its own: a database, a broker, a host without tracing, as its callers name it. */
    readonly external: boolean;
  }[];
  readonly edges: readonly ServiceEdge[];
  /** From the first to the last start of a span, in seconds: what rates are of. */
  readonly seconds: number;
}

export interface ServiceEdge {
  readonly from: string;
  readonly to: string;
  readonly calls: number;
  readonly errors: number;
  readonly perSecond: number;
  /** 0 to 1. */
  readonly errorRate: number;
  /** Of the callee's span, or the caller's where it is external; milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** At most four times a second: what has changed since the one before. */
export type LiveEvent =
  | { readonly type: 'traces'; readonly traces: readonly TraceSummary[]; readonly counts: StoreCounts }
  | { readonly type: 'gone'; readonly traceIds: readonly string[]; readonly counts: StoreCounts };
