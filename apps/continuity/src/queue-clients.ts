// Stand-ins for clients of brokers that do not run here, for the programs of docs/messages.md: what they take and what
// they give has the shape of the real ones. Nothing here is traced.

interface KafkaMessage {
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

const sent: KafkaMessage[] = [];

/** As of `kafkajs`: texts go in. */
export const producer = {
  async send({ messages }: { messages: readonly KafkaMessage[] }): Promise<void> {
    sent.push(...messages);
  },
};

/** As of `kafkajs`: Buffers come out. */
export const consumer = {
  async run({ eachMessage }: { eachMessage: (payload: object) => unknown }): Promise<void> {
    for (const { value, headers } of sent) {
      const bytes = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]);
      const message = { value: Buffer.from(value), headers: Object.fromEntries(bytes) as object };
      await eachMessage({ topic: 'orders', partition: 0, message });
    }
  },
};

const queued: object[] = [];

/** The address of a queue of SQS. */
export const QueueUrl = 'https://sqs.example/orders';

/** As of `@aws-sdk/client-sqs`. */
export const sqs = {
  async sendMessage({ MessageBody, MessageAttributes }: Record<string, unknown>): Promise<void> {
    queued.push({ MessageId: `m-${queued.length + 1}`, Body: MessageBody, MessageAttributes });
  },
  async receiveMessage(_options: object): Promise<{ Messages: object[] }> {
    return { Messages: structuredClone(queued) };
  },
};

interface AmqpMessage {
  readonly content: Buffer;
  readonly properties: { readonly headers?: object };
}

const published: AmqpMessage[] = [];

/** As of `amqplib`. */
export const channel = {
  sendToQueue(_queue: string, content: Buffer, properties: { headers?: object }): boolean {
    published.push({ content, properties: structuredClone(properties) });
    return true;
  },
  async consume(_queue: string, onMessage: (message: AmqpMessage) => unknown): Promise<void> {
    for (const message of published) await onMessage(message);
  },
  ack(message: AmqpMessage): void {
    published.splice(published.indexOf(message), 1);
  },
};
