import { diag, type Span } from '@opentelemetry/api';

import type { ParameterValueLimits } from './options.ts';

/** Records `db.query.parameter.<index>`, counted from 0. */
export function recordParameterValues(
  span: Span,
  values: readonly unknown[],
  { maxCount, maxLength }: Required<ParameterValueLimits>,
): void {
  const count = Math.min(values.length, maxCount);
  for (let index = 0; index < count; index++) {
    try {
      span.setAttribute(`db.query.parameter.${index}`, textOf(values[index], maxLength));
    } catch {
      // What was thrown may be anything, and may quote the value.
      diag.warn(`a parameter value is not recorded: it could not be turned into text`);
    }
  }
}

function textOf(value: unknown, maxLength: number): string {
  if (value === null || value === undefined) return 'null';
  if (Buffer.isBuffer(value)) return value.subarray(0, maxLength).toString();
  return plainText(value).slice(0, maxLength);
}

function plainText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Date) return value.toISOString();
  // pg asks an object for the value to send.
  if ('toPostgres' in value && typeof value.toPostgres === 'function') {
    return plainText(value.toPostgres((other: unknown) => other));
  }
  return JSON.stringify(value);
}
