import type { Order } from './order.ts';

/** What the commander decided; its answer is ours. */
export type Command = Readonly<Record<string, unknown>>;

/** The commander failed or refused. Fastify answers with `statusCode`. */
export class CommanderError extends Error {
  readonly statusCode: number;

  constructor(statusCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommanderError';
    this.statusCode = statusCode;
  }
}

/** Longer than the commander's own limit, so that its answer is heard where it waits in vain. */
const TIMEOUT_MILLIS = 15_000;

/** @throws CommanderError 404 for an unknown article, 502 where the commander does not do its part. */
export async function command(
  commander: URL,
  order: Order,
  timeoutMillis: number = TIMEOUT_MILLIS,
): Promise<Command> {
  const { status, answer } = await post(new URL('command', commander), order, timeoutMillis);
  if (status === 404) throw new CommanderError(404, `no article "${order.sku}"`);
  if (status !== 200) throw new CommanderError(502, `the commander answered ${status}`);
  return answer;
}

async function post(
  url: URL,
  body: unknown,
  timeoutMillis: number,
): Promise<{ status: number; answer: Command }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      // A Blob brings its own content type.
      body: new Blob([JSON.stringify(body)], { type: 'application/json' }),
      signal: AbortSignal.timeout(timeoutMillis),
    });
    return { status: response.status, answer: (await response.json()) as Command };
  } catch (error) {
    throw new CommanderError(502, 'the commander did not answer', { cause: error });
  }
}
