import type { Order } from './order.ts';
import { Refusal } from './refusal.ts';

/** Together with the question for the stock less than the dispatcher waits for us. */
const TIMEOUT_MILLIS = 2000;

/**
 * Has an order packed and sent, some time.
 *
 * @returns The id of the order.
 * @throws Refusal 502 where nobody took it in time.
 */
export async function placeOrder(orders: URL, order: Order): Promise<unknown> {
  const { status, id } = await post(new URL('orders', orders), order);
  if (status !== 202) throw new Refusal(502, `the order was answered with ${status}`);
  return id;
}

async function post(url: URL, order: Order): Promise<{ status: number; id: unknown }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      // A Blob brings its own content type.
      body: new Blob([JSON.stringify(order)], { type: 'application/json' }),
      signal: AbortSignal.timeout(TIMEOUT_MILLIS),
    });
    const { order: id } = Object(await response.json()) as { order?: unknown };
    return { status: response.status, id };
  } catch (cause) {
    throw new Refusal(502, 'nobody took the order', { cause });
  }
}
