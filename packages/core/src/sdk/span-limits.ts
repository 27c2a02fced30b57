import type { SpanLimits } from '@opentelemetry/sdk-trace';

import { readInteger } from '../environment.ts';

/** Bounds on what one span holds; what goes over is dropped. Each wins over its variable of the environment. */
export interface SpanLimitOptions {
  /** Longest attribute value, in characters; the rest is cut off. Default: no limit. */
  readonly attributeValueLengthLimit?: number;
  /** Attributes of a span. Default 128. */
  readonly attributeCountLimit?: number;
  /** Events of a span. Default 128. */
  readonly eventCountLimit?: number;
  /** Links of a span. Default 128. */
  readonly linkCountLimit?: number;
  /** Attributes of one event. Default 128. */
  readonly attributePerEventCountLimit?: number;
  /** Attributes of one link. Default 128. */
  readonly attributePerLinkCountLimit?: number;
}

/** The limits from code, else from the environment (the span's own variable before the general one). */
export function resolveSpanLimits(options: SpanLimitOptions = {}): Required<SpanLimits> {
  return {
    attributeValueLengthLimit:
      options.attributeValueLengthLimit ??
      length('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', length('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', Infinity)),
    attributeCountLimit:
      options.attributeCountLimit ??
      count('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', count('OTEL_ATTRIBUTE_COUNT_LIMIT')),
    eventCountLimit: options.eventCountLimit ?? count('OTEL_SPAN_EVENT_COUNT_LIMIT'),
    linkCountLimit: options.linkCountLimit ?? count('OTEL_SPAN_LINK_COUNT_LIMIT'),
    attributePerEventCountLimit:
      options.attributePerEventCountLimit ?? count('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT'),
    attributePerLinkCountLimit:
      options.attributePerLinkCountLimit ?? count('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT'),
  };
}

function count(name: string, fallback = 128): number {
  return readInteger(name, { min: 0, fallback });
}

function length(name: string, fallback: number): number {
  // 0 would make the SDK complain at each attribute, and keep the value.
  return readInteger(name, { min: 1, fallback });
}
