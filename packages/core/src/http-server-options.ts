import type { IncomingMessage, ServerResponse } from 'node:http';

import { diag, type Span } from '@opentelemetry/api';

import {
  type CaptureHeadersOptions,
  type CaptureHeadersVariables,
  headerCaptures,
  type HeaderCaptures,
} from './captured-headers.ts';
import { type LayerOptions, layerRules, type LayerRules } from './layer-rules.ts';
import { checkOption } from './option-rule.ts';
import { queryRedaction, type QueryRedaction, type RedactQuery } from './query-redaction.ts';
import { readRequestIdOption, type RequestIdOptions, type RequestIdSettings } from './request-id.ts';
import { type UrlExclusion, urlExclusion, type UrlExclusionTest } from './url-exclusion.ts';

/** Options that every HTTP plugin takes. `Request` is the framework's own request object. */
export interface HttpServerOptions<Request = unknown> {
  /** Requests to leave out, with everything below them. Default: the usual health endpoints. */
  readonly excludedUrls?: UrlExclusion;
  /**
   * Whether an excluded request that ends in 5xx is recorded after all: its SERVER span alone, since nothing below
   * it was traced. Default false.
   */
  readonly keepExcludedFailures?: boolean;
  /** Called when the span of a request has begun and is recorded. What it throws goes to `diag`. */
  readonly requestHook?: (span: Span, request: Request) => void;
  /** Called when the response is over, before the span ends. What it throws goes to `diag`. */
  readonly responseHook?: (span: Span, request: Request, response: ServerResponse) => void;
  /**
   * Gives the span another name than `METHOD /route`; undefined leaves that. Keep it of low cardinality: no ids, no
   * paths. What it throws goes to `diag`.
   */
  readonly spanName?: (request: Request, name: string) => string | undefined;
  /**
   * Headers to record. Default: `OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST`, `…_SERVER_RESPONSE` and
   * `OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SANITIZE_FIELDS`, else none.
   */
  readonly captureHeaders?: CaptureHeadersOptions;
  /** What of `url.query` is replaced by `REDACTED`. Default: the keys of signed URLs. */
  readonly redactQuery?: RedactQuery;
  /**
   * Whether callers are strangers: their trace is not continued and their baggage is dropped. The request begins a
   * trace of its own, with a link to the caller's. A function decides for each request; where it throws, the caller
   * is a stranger. Default false.
   */
  readonly publicEndpoint?: boolean | ((request: IncomingMessage) => boolean);
  /**
   * Whether each request has an id: the caller's, from its baggage or the header, else a new one. It is answered in the
   * same header, is `request_id` on spans and log lines, and goes on to the next services as baggage. Excluded requests
   * have none; from a stranger none is taken. Default false.
   */
  readonly requestId?: RequestIdOptions | boolean;
  /** Whether the error that failed a request is recorded with its message and stack. Default true. */
  readonly recordExceptions?: boolean;
  /**
   * A span for each middleware, hook and handler too, INTERNAL, below the SERVER span. Default false. What the
   * application registered before the plugin stays without spans of its own. An object says which, and adds to them.
   */
  readonly layers?: boolean | LayerOptions<Request>;
}

/** The options with their defaults, ready to be asked for each request. */
export interface HttpServerSettings<Request> {
  readonly isExcluded: UrlExclusionTest;
  readonly keepExcludedFailures: boolean;
  readonly requestHook: HttpServerOptions<Request>['requestHook'];
  readonly responseHook: HttpServerOptions<Request>['responseHook'];
  readonly spanName: HttpServerOptions<Request>['spanName'];
  readonly headers: HeaderCaptures;
  readonly redactQuery: QueryRedaction;
  readonly publicEndpoint: boolean | ((request: IncomingMessage) => boolean);
  readonly recordExceptions: boolean;
  /** Undefined where requests have no ids. */
  readonly requestId: RequestIdSettings | undefined;
  readonly layers: LayerRules<Request> | undefined;
}

const SERVER_VARIABLES: CaptureHeadersVariables = {
  request: 'OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST',
  response: 'OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE',
};

const NAMES: Readonly<Record<keyof HttpServerOptions, true>> = {
  excludedUrls: true,
  keepExcludedFailures: true,
  requestHook: true,
  responseHook: true,
  spanName: true,
  captureHeaders: true,
  redactQuery: true,
  publicEndpoint: true,
  requestId: true,
  recordExceptions: true,
  layers: true,
};

/**
 * Says which options are unknown: a misspelt `publicEndpoint` would trust everybody. No more than a warning, since what
 * loads plugins may hand the same options to all of them.
 *
 * @param others What the plugin, or the framework, takes beside the options of core.
 */
export function warnOfUnknown(scope: string, options: object, others: readonly string[] = []): void {
  const unknown = Object.keys(options).filter(
    (name) => !Object.hasOwn(NAMES, name) && !others.includes(name),
  );
  if (unknown.length === 0) return;
  const known = [...Object.keys(NAMES), ...others].join(', ');
  diag.warn(`${scope}: ${unknown.join(', ')} is no option and has no effect; there are ${known}`);
}

/** @throws TypeError that names the option, what was expected, and what it got. */
export function readHttpServerOptions<Request>(
  options: HttpServerOptions<Request>,
): HttpServerSettings<Request> {
  const given: unknown = options;
  checkOption('options', options, typeof given === 'object' && given !== null, 'an object');
  const { keepExcludedFailures = false, recordExceptions = true } = options;
  for (const [name, value] of Object.entries({ keepExcludedFailures, recordExceptions })) {
    checkOption(name, value, typeof value === 'boolean', 'true or false');
  }
  const { requestHook, responseHook, spanName, publicEndpoint = false } = options;
  for (const [name, value] of Object.entries({ requestHook, responseHook, spanName })) {
    checkOption(name, value, typeof value === 'function', 'a function');
  }
  const isAnswer = typeof publicEndpoint === 'boolean' || typeof publicEndpoint === 'function';
  checkOption('publicEndpoint', publicEndpoint, isAnswer, 'true, false or a function');
  return {
    isExcluded: urlExclusion(options.excludedUrls),
    keepExcludedFailures,
    requestHook,
    responseHook,
    spanName,
    headers: headerCaptures(options.captureHeaders, SERVER_VARIABLES),
    redactQuery: queryRedaction(options.redactQuery),
    publicEndpoint,
    recordExceptions,
    requestId: readRequestIdOption(options.requestId),
    layers: layerRules(options.layers),
  };
}
