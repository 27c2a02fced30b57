import type { Attributes, AttributeValue } from '@opentelemetry/api';

import type { AnyValue, Integer, KeyValue, ValueField } from './otlp-definitions.ts';
import type { RecordLimits } from './otlp-limits.ts';
import { RecordRefusal, shortened } from './refusals.ts';

const VALUE_FIELDS: readonly ValueField[] = [
  'stringValue',
  'boolValue',
  'intValue',
  'doubleValue',
  'arrayValue',
  'kvlistValue',
  'bytesValue',
];

/**
 * What an attribute of the API cannot hold becomes text: maps and mixed lists as JSON, bytes as base64, integers past 2^53
 * as their digits.
 *
 * @param owner Whose they are, for the message.
 * @throws RecordRefusal for more, and longer ones, than the limits allow.
 */
export function attributesOf(
  pairs: readonly KeyValue[],
  limits: RecordLimits,
  owner: () => string,
): Attributes {
  if (pairs.length > limits.attributes) {
    throw new RecordRefusal(
      `${owner()} has ${pairs.length} attributes, more than the ${limits.attributes} that are taken: ` +
        'set OTEL_ATTRIBUTE_COUNT_LIMIT where it is made',
    );
  }
  const attributes: Attributes = {};
  for (const { key, value } of pairs) {
    const plain = attributeValue(value);
    checkLength(plain, limits, () => `attribute "${shortened(key)}" of ${owner()}`);
    if (key === '__proto__') define(attributes, key, plain);
    else attributes[key] = plain;
  }
  return attributes;
}

/** Text as it is, anything else as JSON. @throws RecordRefusal for one that is too long. */
export function textOf(value: AnyValue | null, limits: RecordLimits, owner: () => string): string {
  const plain = text(plainValue(value));
  checkLength(plain, limits, owner);
  return plain;
}

/** @throws RecordRefusal for a text that is too long. */
export function checkLength(value: unknown, { textLength }: RecordLimits, what: () => string): void {
  const length = typeof value === 'string' ? value.length : lengthOfList(value);
  if (length <= textLength) return;
  throw new RecordRefusal(
    `${what()} has ${length} characters, more than the ${textLength} that are taken: ` +
      'set OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT where it is made, or store less',
  );
}

function lengthOfList(value: unknown): number {
  if (!Array.isArray(value)) return 0;
  return value.reduce<number>((sum, item) => sum + (typeof item === 'string' ? item.length : 1), 0);
}

function define(attributes: Attributes, key: string, value: AttributeValue): void {
  Object.defineProperty(attributes, key, { value, enumerable: true, configurable: true, writable: true });
}

function attributeValue(value: AnyValue | null): AttributeValue {
  const plain = plainValue(value);
  if (typeof plain === 'string' || typeof plain === 'number' || typeof plain === 'boolean') return plain;
  return isAttributeArray(plain) ? plain : text(plain);
}

function isAttributeArray(value: unknown): value is string[] | number[] | boolean[] {
  if (!Array.isArray(value)) return false;
  const type = typeof value[0];
  if (value.length > 0 && type !== 'string' && type !== 'number' && type !== 'boolean') return false;
  return value.every((item) => typeof item === type);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function plainValue(any: AnyValue | null): unknown {
  if (!any) return null;
  const field = any.value ?? VALUE_FIELDS.find((name) => Object.hasOwn(any, name));
  if (field === undefined) return null;
  if (field === 'intValue') return integer(any.intValue);
  if (field === 'arrayValue') return any.arrayValue.values.map(plainValue);
  if (field === 'bytesValue') return Buffer.from(any.bytesValue).toString('base64');
  if (field !== 'kvlistValue') return any[field];
  return Object.fromEntries(any.kvlistValue.values.map(({ key, value }) => [key, plainValue(value)]));
}

function integer(value: Integer): number | string {
  if (typeof value === 'number') return value;
  const exact = typeof value === 'bigint' ? value : value.toBigInt();
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : String(exact);
}
