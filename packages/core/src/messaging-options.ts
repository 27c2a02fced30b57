import type { Attributes } from '@opentelemetry/api';

import { checkOption, refuseOption } from './option-rule.ts';

/** What a span of a message says. All of it is of low cardinality but for `messageId`. */
export interface MessageSpanOptions {
  /** `messaging.system`: `kafka`, `rabbitmq`, `aws_sqs`, or the name of a library: `pg-boss`. */
  readonly system: string;
  /** `messaging.destination.name`, of the queue or topic. Leave it out where it is temporary or unnamed. */
  readonly destination?: string | undefined;
  /** `messaging.destination.template`, and in place of the destination in the span's name: `/customers/{id}`. */
  readonly destinationTemplate?: string | undefined;
  /** `messaging.operation.name`, as the system calls it. Default: `send` of a producer, `process` of a consumer. */
  readonly operation?: string | undefined;
  /** `messaging.message.id`; of a consumer's batch an array in the order of the carriers, for the links. */
  readonly messageId?: string | readonly string[] | undefined;
  /** More attributes: `messaging.consumer.group.name`, `server.address`, those of the system. */
  readonly attributes?: Attributes | undefined;
}

/** What a consumer's span says, and how it belongs to the producer's. */
export interface ConsumerSpanOptions extends MessageSpanOptions {
  /**
   * `link` (default): the consumer's span has a link to the producer's, and is a child of the span that is active
   * around it; the root of a new trace where none is. `child`: it is a child of the producer's, with a link to it and
   * to the span around it. A batch has many producers, so it can only have links.
   */
  readonly parent?: 'link' | 'child' | undefined;
}

/** @throws TypeError that names the option which is wrong, with the function's name before it. */
export function checkMessageOptions(name: string, options: MessageSpanOptions): void {
  if (typeof options !== 'object' || options === null) refuseOption(name, 'an object of options', options);
  const { system, destination, destinationTemplate, operation } = options;
  if (typeof system !== 'string' || system === '') refuseOption(`${name}.system`, 'a text', system);
  checkOption(`${name}.destination`, destination, typeof destination === 'string', 'a text');
  checkOption(
    `${name}.destinationTemplate`,
    destinationTemplate,
    typeof destinationTemplate === 'string',
    'a text',
  );
  checkOption(`${name}.operation`, operation, typeof operation === 'string' && operation !== '', 'a text');
}

/** @throws TypeError for a `parent` that is neither, and for `child` of a batch. */
export function checkParent(name: string, parent: unknown, isBatch: boolean): void {
  const allowed = isBatch ? ['link'] : ['link', 'child'];
  const expected = isBatch ? '"link" for a batch, which has many producers' : '"link" or "child"';
  checkOption(`${name}.parent`, parent, allowed.includes(parent as string), expected);
}

/** @throws TypeError where the last argument is no function. */
export function checkFunction(name: string, fn: unknown): void {
  if (typeof fn !== 'function') {
    throw new TypeError(`${name}: expected a function as the last argument; got ${typeof fn}`);
  }
}
