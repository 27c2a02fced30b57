import { type Context, propagation, type Span, trace } from '@opentelemetry/api';

import type { SqlCommentOptions } from './options.ts';
import { describeSql } from './sql-description.ts';

/** What may follow a statement without being part of it. */
const AFTER_STATEMENT = '; \t\n\r\f\v';

/**
 * The text with the span in a comment behind its last statement; unchanged where it has a comment already, holds no
 * statement, or the propagator writes nothing.
 *
 * Source: the specification of sqlcommenter.
 */
export function withComment(
  text: string,
  span: Span,
  caller: Context,
  { propagator }: SqlCommentOptions,
): string {
  if (describeSql(text).commented) return text;
  let end = text.length;
  // Before the semicolon: behind it, the server would not count the comment as the statement's.
  while (end > 0 && AFTER_STATEMENT.includes(text.charAt(end - 1))) end -= 1;
  if (end === 0) return text;
  const pairs = commentPairs(span, caller, propagator);
  return pairs === '' ? text : `${text.slice(0, end)} /*${pairs}*/${text.slice(end)}`;
}

function commentPairs(span: Span, caller: Context, propagator: SqlCommentOptions['propagator']): string {
  const carrier: Record<string, unknown> = {};
  // Baggage is what callers said: it has no business in the logs of a database.
  const active = propagation.deleteBaggage(trace.setSpan(caller, span));
  const setter = { set: (_: unknown, key: string, value: string) => void (carrier[key] = value) };
  if (propagator) propagator.inject(active, carrier, setter);
  else propagation.inject(active, carrier, setter);
  const keys = Object.keys(carrier).toSorted();
  return keys.map((key) => `${encode(key)}='${encode(String(carrier[key]))}'`).join(',');
}

/** Percent-encoding of RFC 3986, so that nothing ends the quotation or the comment. */
function encode(value: string): string {
  return encodeURIComponent(value).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
