import { inspect } from 'node:util';

import { expect, test } from 'vitest';

import { LineQueue } from '../src/log-line-queue.ts';

function held(queue: LineQueue): string {
  return inspect(queue, { maxArrayLength: null, maxStringLength: null });
}

test('lines come out in the order in which they came, also where new ones come between', () => {
  const queue = new LineQueue();
  const taken: (string | undefined)[] = [];
  for (let number = 0; number < 5000; number += 1) {
    queue.push(`${number}`);
    if (number % 2 === 1) taken.push(queue.take());
  }
  expect(queue.isEmpty).toBe(false);
  while (!queue.isEmpty) taken.push(queue.take());
  expect(taken).toEqual(Array.from({ length: 5000 }, (_, number) => `${number}`));
  expect(queue.take()).toBeUndefined();
});

test('a line that was taken is not kept while others wait', () => {
  const queue = new LineQueue();
  queue.push('first');
  queue.push('second');
  expect(queue.take()).toBe('first');
  expect(held(queue)).not.toContain('first');
  expect(held(queue)).toContain('second');
});

test('a queue that is never empty does not grow', () => {
  const queue = new LineQueue();
  queue.push('line');
  for (let number = 0; number < 100_000; number += 1) {
    queue.push('line');
    queue.take();
  }
  expect(queue.isEmpty).toBe(false);
  expect(held(queue).length).toBeLessThan(20_000);
});
