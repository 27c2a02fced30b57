import type { Span } from '@opentelemetry/api';

import {
  type CaptureHeadersOptions,
  type CaptureHeadersVariables,
  headerCaptures,
  type HeaderCaptures,
} from './captured-headers.ts';
import { checkOption } from './option-rule.ts';
import { queryRedaction, type QueryRedaction, type RedactQuery } from './query-redaction.ts';
import { type UrlExclusion, urlExclusion, type UrlExclusionTest } from './url-exclusion.ts';

/** An outgoing request as a hook or a rule of exclusion sees it, however it was made. */
export interface OutgoingRequestInfo {
  /** As it is sent, `GET` say. */
  readonly method: string;
  /** The value of `url.full`: no credentials, no secret values. */
  readonly url: string;
  /** The value of a header, in any case; the last where there are several, undefined where there is none. */
  header(name: string): string | undefined;
}

/** The answer to an outgoing request, as a hook sees it. */
export interface OutgoingResponseInfo {
  readonly status: number;
  /** The value of a header, in any case; the last where there are several, undefined where there is none. */
  header(name: string): string | undefined;
}

/** How outgoing HTTP calls are traced. */
export interface OutgoingHttpOptions {
  /**
   * Whether a call makes a span only where a span is active. Default true: what runs at start-up or on a timer
   * makes no traces of single calls. What is active otherwise, baggage say, is sent in any case.
   */
  readonly requireParent?: boolean;
  /**
   * Calls to leave out: no span and no headers. Patterns are searched in the whole URL without its query
   * (`http://metrics:9090/push`). Default: none.
   */
  readonly excludedUrls?: UrlExclusion<OutgoingRequestInfo>;
  /** Called when the span of a call has begun and is recorded. What it throws goes to `diag`. */
  readonly requestHook?: (span: Span, request: OutgoingRequestInfo) => void;
  /** Called when the head of the answer has come. What it throws goes to `diag`. */
  readonly responseHook?: (span: Span, request: OutgoingRequestInfo, response: OutgoingResponseInfo) => void;
  /**
   * Headers to record. Default: `OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST`, `…_CLIENT_RESPONSE` and
   * `OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SANITIZE_FIELDS`, else none.
   */
  readonly captureHeaders?: CaptureHeadersOptions;
  /** What of the query in `url.full` is replaced by `REDACTED`. Default: the keys of signed URLs. */
  readonly redactQuery?: RedactQuery;
}

/** The options with their defaults, ready to be asked for each call. */
export interface OutgoingHttpSettings {
  readonly requireParent: boolean;
  /** Undefined where no call is left out. */
  readonly isExcluded: UrlExclusionTest<OutgoingRequestInfo> | undefined;
  readonly requestHook: OutgoingHttpOptions['requestHook'];
  readonly responseHook: OutgoingHttpOptions['responseHook'];
  readonly headers: HeaderCaptures;
  readonly redactQuery: QueryRedaction;
}

const CLIENT_VARIABLES: CaptureHeadersVariables = {
  request: 'OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST',
  response: 'OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE',
};

/** @throws TypeError that names the option, what was expected, and what it got. */
export function readOutgoingHttpOptions(options: OutgoingHttpOptions): OutgoingHttpSettings {
  const { requireParent = true, requestHook, responseHook, excludedUrls } = options;
  checkOption('requireParent', requireParent, typeof requireParent === 'boolean', 'true or false');
  for (const [name, value] of Object.entries({ requestHook, responseHook })) {
    checkOption(name, value, typeof value === 'function', 'a function');
  }
  return {
    requireParent,
    // The default list of servers is of no use here.
    isExcluded: excludedUrls === undefined ? undefined : urlExclusion(excludedUrls),
    requestHook,
    responseHook,
    headers: headerCaptures(options.captureHeaders, CLIENT_VARIABLES),
    redactQuery: queryRedaction(options.redactQuery),
  };
}
