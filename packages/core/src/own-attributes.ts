import type { Attributes, Span } from '@opentelemetry/api';

/** The spans of this kit, of whichever copy of it. */
interface TakingSpan extends Span {
  takeAttributes?(attributes: Attributes): void;
}

/**
 * Gives a span that has just started its attributes for good: a span of ours need not look at each and copy it.
 *
 * @param attributes An object that nobody else holds, whose values are all attributes.
 */
export function giveAttributes(span: Span, attributes: Attributes): void {
  const taking: TakingSpan = span;
  if (typeof taking.takeAttributes === 'function') taking.takeAttributes(attributes);
  else span.setAttributes(attributes);
}
