import { type Attributes, type Context, type Link, type Span, SpanKind } from '@opentelemetry/api';

import type { ExceptionLog } from './exception.ts';
import { inSpan } from './in-span.ts';
import type { MessageSpanOptions } from './messaging-options.ts';
import { attributesNeededAtStart } from './shared-state.ts';

// Names of the messaging semantic conventions (semantic-conventions, docs/messaging/messaging-spans.md).
const ATTR_MESSAGING_BATCH_MESSAGE_COUNT = 'messaging.batch.message_count';
const ATTR_MESSAGING_DESTINATION_NAME = 'messaging.destination.name';
const ATTR_MESSAGING_DESTINATION_TEMPLATE = 'messaging.destination.template';
export const ATTR_MESSAGING_MESSAGE_ID = 'messaging.message.id';
const ATTR_MESSAGING_OPERATION_NAME = 'messaging.operation.name';
const ATTR_MESSAGING_OPERATION_TYPE = 'messaging.operation.type';
const ATTR_MESSAGING_SYSTEM = 'messaging.system';

/** What the span of a producer and that of a consumer differ in. */
export interface MessageOperation {
  /** `messaging.operation.type`, and the operation's name where the application has none. */
  readonly type: 'send' | 'process';
  readonly kind: SpanKind;
  /** How an exception is called where exceptions are log records. */
  readonly log: ExceptionLog;
}

/** A producer's. */
export const SEND: MessageOperation = {
  type: 'send',
  kind: SpanKind.PRODUCER,
  log: { eventName: 'messaging.send.exception', severity: 'WARN' },
};

/** A consumer's. */
export const PROCESS: MessageOperation = {
  type: 'process',
  kind: SpanKind.CONSUMER,
  log: { eventName: 'messaging.process.exception', severity: 'ERROR' },
};

/** Where a span begins. */
export interface MessageSpanStart {
  readonly parent: Context;
  readonly links?: Link[];
  /** Number of messages; undefined where it is one, and not a batch. */
  readonly count: number | undefined;
}

/**
 * Runs `fn` in the span of a message or batch.
 *
 * Source: semantic-conventions, docs/messaging/messaging-spans.md.
 */
export function inMessageSpan<T>(
  operation: MessageOperation,
  options: MessageSpanOptions,
  { parent, links, count }: MessageSpanStart,
  fn: (span: Span) => T,
): T {
  const atStart = attributesNeededAtStart();
  const describe = (): Attributes => attributesOf(operation, options, count);
  return inSpan(
    spanName(operation, options),
    { kind: operation.kind, ...(links && { links }), ...(atStart && { attributes: describe() }) },
    parent,
    (span) => {
      if (!atStart && span.isRecording()) span.setAttributes(describe());
      return fn(span);
    },
    operation.log,
  );
}

function spanName({ type }: MessageOperation, options: MessageSpanOptions): string {
  const { operation = type, destination, destinationTemplate = destination } = options;
  return destinationTemplate === undefined ? operation : `${operation} ${destinationTemplate}`;
}

function attributesOf(
  { type }: MessageOperation,
  options: MessageSpanOptions,
  count: number | undefined,
): Attributes {
  const { system, destination, destinationTemplate, operation = type, messageId } = options;
  return {
    ...options.attributes,
    [ATTR_MESSAGING_SYSTEM]: system,
    [ATTR_MESSAGING_OPERATION_NAME]: operation,
    [ATTR_MESSAGING_OPERATION_TYPE]: type,
    ...(destination !== undefined && { [ATTR_MESSAGING_DESTINATION_NAME]: destination }),
    ...(destinationTemplate !== undefined && { [ATTR_MESSAGING_DESTINATION_TEMPLATE]: destinationTemplate }),
    ...(typeof messageId === 'string' && count === undefined && { [ATTR_MESSAGING_MESSAGE_ID]: messageId }),
    ...(count !== undefined && { [ATTR_MESSAGING_BATCH_MESSAGE_COUNT]: count }),
  };
}
