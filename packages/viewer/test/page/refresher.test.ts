import { expect, onTestFinished, test, vi } from 'vitest';

import { Refresher } from '../../page/src/refresher.ts';

test('however often it is asked, it loads one at a time and rests in between', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const finish: (() => void)[] = [];
  const refresher = new Refresher(() => new Promise((resolve) => finish.push(resolve)), 100);
  refresher.ask();
  refresher.ask();
  refresher.ask();
  expect(finish).toHaveLength(1);
  // A load of 50 ms is followed by a rest of 200 ms, more than the 100 that are the least.
  await vi.advanceTimersByTimeAsync(50);
  finish[0]?.();
  await vi.advanceTimersByTimeAsync(199);
  expect(finish).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(finish).toHaveLength(2);
  finish[1]?.();
  await vi.advanceTimersByTimeAsync(1000);
  expect(finish).toHaveLength(2);
  refresher.ask();
  refresher.ask();
  finish[2]?.();
  refresher.cancel();
  await vi.advanceTimersByTimeAsync(1000);
  expect(finish).toHaveLength(3);
  refresher.stop();
  refresher.ask();
  expect(finish).toHaveLength(3);
});
