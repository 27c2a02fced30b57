import { hold } from '@org/fuzz';
import fc from 'fast-check';
import { expect } from 'vitest';

import { type OpenRequest, OpenRequests } from '../src/open-requests.ts';

const step = fc.tuple(fc.constantFrom('add', 'delete'), fc.nat(5));

hold('the open requests are those that were added and not deleted, the oldest first', () =>
  fc.property(fc.array(step), (steps) => {
    const ended: number[] = [];
    const requests: OpenRequest[] = Array.from({ length: 6 }, (_none, index) => ({
      endEarly: () => void ended.push(index),
    }));
    const open = new OpenRequests();
    const expected = new Set<number>();
    for (const [name, index] of steps) {
      // Each request is added once.
      if (name === 'delete') {
        open.delete(requests[index]!);
        expected.delete(index);
      } else if (!expected.has(index)) {
        open.add(requests[index]!);
        expected.add(index);
      }
    }
    open.endEarly();
    expect(ended).toEqual([...expected]);
  }),
);

hold('a request that ends while all are ended takes none of the others with it', () =>
  fc.property(fc.integer({ min: 1, max: 5 }), (length) => {
    const open = new OpenRequests();
    let ended = 0;
    const requests: OpenRequest[] = Array.from({ length }, () => {
      const request: OpenRequest = {
        endEarly: () => {
          ended += 1;
          open.delete(request);
        },
      };
      return request;
    });
    for (const request of requests) open.add(request);
    open.endEarly();
    open.endEarly();
    expect(ended).toBe(length);
  }),
);
