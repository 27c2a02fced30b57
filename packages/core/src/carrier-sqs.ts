import type { CarrierAdapter } from './carrier.ts';

/** A message attribute as the clients of SQS and SNS take it. */
export interface SqsAttribute {
  DataType: string;
  StringValue?: string;
}

/**
 * Lets a context be written as message attributes of SQS and SNS. To read them no adapter is needed.
 *
 * SQS takes ten attributes a message; the default propagators write three at most.
 *
 * @example
 * const MessageAttributes = {};
 * injectContext(sqsAttributes(MessageAttributes));
 */
export function sqsAttributes(attributes: Record<string, SqsAttribute>): CarrierAdapter {
  return {
    get: (name) => (Object.hasOwn(attributes, name) ? attributes[name] : undefined),
    set(name, value) {
      attributes[name] = { DataType: 'String', StringValue: value };
    },
    keys: () => Object.keys(attributes),
    delete: (name) => Reflect.deleteProperty(attributes, name),
  };
}
