import { type Context, isSpanContextValid, type SpanContext, trace } from '@opentelemetry/api';

import type { TraceKeys } from './log-entry.ts';
import type { IdMember, JsonFormat } from './log-formats.ts';

/** The members that link a line with its span, under the keys that they have with these options. */
export function idMembers(format: JsonFormat, keys: TraceKeys = {}): readonly IdMember[] {
  return format.ids.map((member) => ({
    ...member,
    key: (member.option && keys[member.option]) ?? member.key,
  }));
}

/**
 * A function that writes the members as JSON, `,"key":value` each; without a span those alone that have a zero.
 *
 * Lines come in bursts from one span, so the text of the last one is kept.
 */
export function idsJson(
  members: readonly IdMember[],
  gcpProjectId: string | undefined,
): (spanContext: SpanContext | undefined) => string {
  const without = members
    .map(({ key, zero }) => (zero === undefined ? '' : `,${JSON.stringify(key)}:"${zero}"`))
    .join('');
  const parts = members.map((member) => ({ member, before: `,${JSON.stringify(member.key)}:` }));
  let last: SpanContext | undefined;
  let text = without;
  return (spanContext) => {
    if (spanContext === last) return text;
    let next = without;
    if (spanContext !== undefined && isSpanContextValid(spanContext)) {
      next = '';
      for (const { member, before } of parts) {
        const value = member.value(spanContext, gcpProjectId);
        next += typeof value === 'string' ? `${before}"${value}"` : `${before}${value}`;
      }
    }
    last = spanContext;
    text = next;
    return next;
  };
}

/**
 * The span that is active; undefined where there is none, or its implementation throws.
 *
 * @param active Whose span; default: the active context.
 */
export function activeSpanContext(active?: Context): SpanContext | undefined {
  try {
    return active === undefined ? trace.getActiveSpan()?.spanContext() : trace.getSpanContext(active);
  } catch {
    // The span of a foreign implementation.
    return undefined;
  }
}
