/** Body of `POST /dispatch`. */
export interface Order {
  readonly sku: string;
  readonly quantity: number;
}

/** JSON Schema of an {@link Order}. */
export const orderSchema = {
  type: 'object',
  required: ['sku', 'quantity'],
  additionalProperties: false,
  properties: {
    sku: { type: 'string', pattern: '^[a-z0-9-]{1,40}$' },
    quantity: { type: 'integer', minimum: 1, maximum: 1000 },
  },
} as const;
