import { Refusal } from './refusal.ts';

/** Body of `POST /command`. */
export interface Order {
  readonly sku: string;
  readonly quantity: number;
}

/** @throws Refusal 400 that says what is wrong with the body. */
export function readOrder(body: unknown): Order {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Refusal(400, 'body must be a JSON object');
  }
  const { sku, quantity, ...others } = body as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new Refusal(400, `body: unknown field "${unknown}"`);
  if (typeof sku !== 'string' || !/^[a-z0-9-]{1,40}$/.test(sku)) {
    throw new Refusal(400, 'body/sku must be 1 to 40 lower-case letters, digits and hyphens');
  }
  if (typeof quantity !== 'number' || !Number.isInteger(quantity) || quantity < 1 || quantity > 1000) {
    throw new Refusal(400, 'body/quantity must be a whole number from 1 to 1000');
  }
  return { sku, quantity };
}
