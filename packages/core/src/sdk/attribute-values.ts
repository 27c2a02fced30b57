import { type AttributeValue, type Attributes, diag } from '@opentelemetry/api';
import { isAttributeValue } from '@opentelemetry/core';

/** Attributes of an event or a link, within their limit. */
export interface BoundedAttributes {
  readonly attributes: Attributes;
  readonly count: number;
  readonly dropped: number;
}

/** Copies what may be an attribute, and says which may not. */
export function copyAttributes(
  given: Attributes | undefined,
  countLimit: number,
  lengthLimit: number,
): BoundedAttributes {
  const attributes: Attributes = {};
  let count = 0;
  let dropped = 0;
  if (typeof given !== 'object' || given === null) return { attributes, count, dropped };
  for (const [key, value] of Object.entries(given)) {
    if (!isAttribute(key, value)) continue;
    if (count >= countLimit) {
      dropped += 1;
      continue;
    }
    attributes[key] = shortened(value, lengthLimit);
    count += 1;
  }
  return { attributes, count, dropped };
}

/** Whether that is an attribute; where not, `diag` is told. */
export function isAttribute(key: string, value: unknown): value is AttributeValue | undefined {
  if (key === '') {
    diag.warn('an attribute is left out, since its key is empty');
    return false;
  }
  const type = typeof value;
  if (type === 'string' || type === 'number' || type === 'boolean') return true;
  if (isAttributeValue(value)) return true;
  diag.warn(
    `the attribute ${key} is left out: expected a string, number, boolean or an array of one of these; got ${type}`,
  );
  return false;
}

/** A value with no text longer than allowed. An array is copied, since it may be changed by whoever gave it. */
export function shortened(
  value: AttributeValue | undefined,
  lengthLimit: number,
): AttributeValue | undefined {
  if (typeof value === 'string') return value.length <= lengthLimit ? value : value.slice(0, lengthLimit);
  if (!Array.isArray(value)) return value;
  return value.map((member: unknown) =>
    typeof member === 'string' && member.length > lengthLimit ? member.slice(0, lengthLimit) : member,
  ) as AttributeValue;
}
