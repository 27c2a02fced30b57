import { expect, test } from 'vitest';

import { ShuffledOrder } from '../src/shuffled-order.ts';

test('each of five stands in each place about equally often, and nobody is left out', () => {
  const order = new ShuffledOrder(['a', 'b', 'c', 'd', 'e']);
  const times = new Map<string, number>();
  for (let round = 0; round < 1000; round++) {
    const items = order.next();
    expect(new Set(items).size).toBe(5);
    for (const [place, item] of items.entries()) {
      times.set(item + place, (times.get(item + place) ?? 0) + 1);
    }
  }
  expect(times.size).toBe(25);
  expect(Math.min(...times.values())).toBeGreaterThan(150);
  expect(Math.max(...times.values())).toBeLessThan(250);
});

test('the orders are the same in every run', () => {
  const orders = [new ShuffledOrder([1, 2, 3, 4]), new ShuffledOrder([1, 2, 3, 4])].map((order) =>
    Array.from({ length: 5 }, () => order.next()),
  );
  expect(orders[0]).toEqual(orders[1]);
});
