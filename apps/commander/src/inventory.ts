import { Refusal } from './refusal.ts';

/** More than the inventory gives its database, less than the dispatcher gives us: each hears what went wrong. */
const TIMEOUT_MILLIS = 12_000;

/**
 * Asks the inventory how many pieces of an article there are.
 *
 * @throws Refusal 404 for an unknown article, 502 where no usable answer came in time.
 */
export async function piecesInStock(
  inventory: URL,
  sku: string,
  timeoutMillis: number = TIMEOUT_MILLIS,
): Promise<number> {
  const { status, pieces } = await get(new URL(`stock/${sku}`, inventory), timeoutMillis);
  if (status === 404) throw new Refusal(404, `no article "${sku}"`);
  if (status !== 200) throw new Refusal(502, `the inventory answered ${status}`);
  if (typeof pieces !== 'number') throw new Refusal(502, 'the inventory gave no number of pieces');
  return pieces;
}

async function get(url: URL, timeoutMillis: number): Promise<{ status: number; pieces?: unknown }> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMillis) });
    return { ...Object(await response.json()), status: response.status };
  } catch (cause) {
    throw new Refusal(502, 'the inventory did not answer', { cause });
  }
}
