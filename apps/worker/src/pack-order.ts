import log from 'loglevel';

/** Less than the queue gives an order before it is given to another worker. */
const TIMEOUT_MILLIS = 12_000;

/**
 * Looks once more whether there is enough of it, and packs it.
 *
 * @throws Error where there is not, or where the inventory does not say.
 */
export async function packOrder(
  inventory: URL,
  { sku, quantity }: { readonly sku: string; readonly quantity: number },
): Promise<void> {
  const url = new URL(`stock/${sku}`, inventory);
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MILLIS) });
  const { pieces } = Object(await response.json()) as { pieces?: unknown };
  if (typeof pieces !== 'number') throw new Error(`the inventory answered ${response.status}`);
  if (pieces < quantity) throw new Error(`${pieces} of ${sku} are not enough`);
  log.info('%d of %s are packed', quantity, sku);
}
