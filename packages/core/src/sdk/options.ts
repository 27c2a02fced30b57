import type { Attributes, TextMapPropagator } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { Sampler, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';

import type { TracingLogLevel } from '../diagnostics.ts';
import type { OutgoingHttpOptions } from '../outgoing-http-options.ts';
import type { BatchOptions } from './batch-options.ts';
import type { ExporterName } from './span-outputs.ts';
import type { MetricsOptions } from './metrics-options.ts';
import type { OtlpOptions } from './otlp-settings.ts';
import type { PropagatorName } from './propagators.ts';
import type { SamplerName } from './sampler.ts';
import type { SpanLimitOptions } from './span-limits.ts';

/** Options of `initTracing`. Each wins over the variable of the environment that it names. */
export interface InitTracingOptions {
  /** `service.name`; `OTEL_SERVICE_NAME`. Default `unknown_service:` and the program's name. */
  readonly serviceName?: string;
  /** `service.version`. */
  readonly serviceVersion?: string;
  /** More attributes of the resource; `OTEL_RESOURCE_ATTRIBUTES`. */
  readonly resourceAttributes?: Attributes;
  /** Which traces are recorded; `OTEL_TRACES_SAMPLER`. Default `parentbased_always_on`. */
  readonly sampler?: Sampler | SamplerName;
  /**
   * Part of the traces that a ratio sampler records, from 0 to 1; `OTEL_TRACES_SAMPLER_ARG`. Default 1. Without
   * `sampler` it means `parentbased_traceidratio`.
   */
  readonly samplerRatio?: number;
  /** Formats in which context travels; `OTEL_PROPAGATORS`. Default `['tracecontext', 'baggage']`; `[]` for none. */
  readonly propagators?: readonly (PropagatorName | TextMapPropagator)[];
  /**
   * Where spans go; `OTEL_TRACES_EXPORTER`. Default `otlp` where a collector is named, in `otlp` or by
   * `OTEL_EXPORTER_OTLP_[TRACES_]ENDPOINT`, else `console`. An exporter of one's own is fed in batches.
   */
  readonly exporter?: ExporterName | SpanExporter | readonly (ExporterName | SpanExporter)[];
  /** The collector; `OTEL_EXPORTER_OTLP_…`. */
  readonly otlp?: OtlpOptions;
  /** Batches of the exporter; `OTEL_BSP_…`. */
  readonly batch?: BatchOptions;
  /** Processors beside the exporter, which see each span first. */
  readonly spanProcessors?: readonly SpanProcessor[];
  /** Bounds on what a span holds; `OTEL_…_LIMIT`. */
  readonly spanLimits?: SpanLimitOptions;
  /** Upstream instrumentations (Redis, AWS, …), started and stopped with the rest. */
  readonly instrumentations?: readonly Instrumentation[];
  /**
   * Keys of baggage, such as `tenant`, whose entries are copied to every span and log line. Default: none, but
   * `request_id` where a plugin has `requestId`.
   */
  readonly baggageKeys?: readonly string[];
  /**
   * Spans and trace headers for outgoing `fetch` and `node:http` calls. Default true. A call that an instrumentation
   * among `instrumentations` has traced, or one of an application that registered its own provider, is left to it.
   */
  readonly outgoingHttp?: OutgoingHttpOptions | boolean;
  /**
   * Durations of requests, outgoing calls and queries as metrics; `OTEL_METRICS_EXPORTER`. Default: none where that
   * variable is unset. Needs the packages `@opentelemetry/sdk-metrics` and, for OTLP,
   * `@opentelemetry/exporter-metrics-otlp-proto`, unless the application has registered a meter provider.
   */
  readonly metrics?: MetricsOptions | boolean;
  /**
   * Milliseconds after which a recorded span that is still open is reported, once, with where it was started; at
   * `shutdown()` those that are open then. 0 for never; `TRACING_REPORT_OPEN_SPANS_AFTER_MILLIS`. Default 0. For
   * development: each span costs the capture of a stack.
   */
  readonly reportOpenSpansAfterMillis?: number;
  /** Milliseconds that `shutdown()`, and a flush at the end of the process, take at most. Default 3000. */
  readonly shutdownTimeoutMillis?: number;
  /**
   * Whether spans that wait are sent when the process exits by `process.exit` or an uncaught exception, by a child
   * process that holds up the exit for a second at most. OTLP over HTTP alone, and not where the collector is known to
   * be out of reach. Default false: then the number of spans that are lost is said.
   */
  readonly flushOnCrash?: boolean;
  /** No spans at all, context still travels; `OTEL_SDK_DISABLED`. Default false. */
  readonly disabled?: boolean;
  /** What the kit says about itself on stderr; `OTEL_LOG_LEVEL`. Default `warn`. */
  readonly logLevel?: TracingLogLevel;
}
