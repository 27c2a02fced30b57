import { expect, test } from 'vitest';

import { readSettings } from '../src/settings.ts';

test('PORT, HOST, NEXT_URL and ORDERS_URL are read, and an empty variable counts as unset', () => {
  const defaults = { host: '127.0.0.1', port: 3001, inventory: undefined, orders: undefined };
  expect(readSettings({})).toEqual(defaults);
  expect(readSettings({ PORT: '', HOST: '', NEXT_URL: '', ORDERS_URL: '' })).toEqual(defaults);
  const inventory = new URL('http://127.0.0.1:3002/');
  const orders = new URL('http://127.0.0.1:3004/');
  const env = { PORT: '0', HOST: '::1', NEXT_URL: 'http://127.0.0.1:3002', ORDERS_URL: orders.href };
  expect(readSettings(env)).toEqual({ host: '::1', port: 0, inventory, orders });
});

test('a path of NEXT_URL is kept', () => {
  const { inventory } = readSettings({ NEXT_URL: 'https://orders.example/inventory' });
  expect(new URL('stock/anvil', inventory).href).toBe('https://orders.example/inventory/stock/anvil');
});

test.each([
  [{ NEXT_URL: 'inventory' }, /^NEXT_URL: expected an http or https URL, got "inventory"$/],
  [{ NEXT_URL: 'http://' }, /^NEXT_URL: /],
  [{ ORDERS_URL: 'orders' }, /^ORDERS_URL: expected an http or https URL, got "orders"$/],
  [{ PORT: 'http' }, /^PORT: expected a whole number from 0 to 65535, got "http"$/],
  [{ PORT: '65536' }, /^PORT: .* got "65536"$/],
])('%j is refused with a message that names the variable', (env, message) => {
  expect(() => readSettings(env)).toThrow(message);
});
