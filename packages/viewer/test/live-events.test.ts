import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

import { expect, onTestFinished, test } from 'vitest';

import type { LiveEvent } from '../src/api.ts';
import { makeSpan, traceId } from './make-span.ts';
import { runningViewer } from './running-viewer.ts';

interface Listener {
  /** The next event, and when it came. */
  next(): Promise<{ event: LiveEvent; at: number }>;
  readonly response: IncomingMessage;
}

async function listen(url: string): Promise<Listener> {
  const request = get(`${url}/api/events`);
  onTestFinished(() => void request.destroy());
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  expect(response.headers['content-type']).toBe('text/event-stream');
  response.setEncoding('utf8');
  const chunks = response[Symbol.asyncIterator]() as AsyncIterableIterator<string>;
  let text = '';
  return {
    response,
    async next() {
      for (;;) {
        const [first = '', ...rest] = text.split('\n\n');
        if (rest.length > 0) {
          text = rest.join('\n\n');
          const [, type, data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(first) ?? [];
          const event = JSON.parse(data) as LiveEvent;
          if (event.type !== type) throw new Error(`${type} has the data of ${event.type}`);
          return { event, at: performance.now() };
        }
        const { value, done } = await chunks.next();
        if (done) throw new Error('the events ended');
        text += value;
      }
    },
  };
}

test('a page is told the counts first, then what changes, then what goes', async () => {
  const { url, store } = await runningViewer({ maxTraces: 1 });
  const page = await listen(url);
  expect((await page.next()).event).toMatchObject({ type: 'traces', traces: [], counts: { traces: 0 } });
  store.addSpans([makeSpan({ span: 1 })]);
  expect((await page.next()).event).toMatchObject({
    type: 'traces',
    traces: [{ traceId: traceId(1), spanCount: 1 }],
    counts: { traces: 1, spans: 1 },
  });
  store.addSpans([makeSpan({ trace: 2, span: 1 })]);
  expect((await page.next()).event).toEqual({
    type: 'gone',
    traceIds: [traceId(1)],
    counts: expect.objectContaining({ evictedTraces: 1 }),
  });
  expect((await page.next()).event).toMatchObject({ type: 'traces', traces: [{ traceId: traceId(2) }] });
});

test('however much comes, there are no more than four events a second, each with the latest of every trace once', async () => {
  const { url, store } = await runningViewer();
  const page = await listen(url);
  await page.next();
  let spans = 0;
  const feed = setInterval(() => store.addSpans([makeSpan({ span: (spans += 1) })]), 5);
  onTestFinished(() => clearInterval(feed));
  const times: number[] = [];
  for (let count = 0; count < 5; count += 1) {
    const { event, at } = await page.next();
    times.push(at);
    expect(event).toMatchObject({ type: 'traces', traces: [{ traceId: traceId(1) }] });
  }
  expect(times.at(-1)! - times[0]!).toBeGreaterThan(4 * 250 - 60);
});

test('a page that does not read is told no more, then what is then the latest', async () => {
  const { url, store } = await runningViewer();
  const slow = await listen(url);
  await slow.next();
  slow.response.pause();
  const fast = await listen(url);
  await fast.next();
  const name = 'x'.repeat(200_000);
  let told = 0;
  // More than all buffers between the two hold.
  for (let round = 1; round <= 12; round += 1) {
    store.addSpans(
      Array.from({ length: 20 }, (_, trace) =>
        makeSpan({ trace, span: round, from: -round, name: `${round} ${name}` }),
      ),
    );
    await fast.next();
    told += 1;
  }
  expect(told).toBe(12);
  slow.response.resume();
  const seen: number[] = [];
  while (seen.at(-1) !== 12) {
    const { event } = await slow.next();
    if (event.type === 'traces') seen.push(event.traces[0]!.spanCount);
  }
  // Those in between were never kept for it.
  expect(seen.length).toBeLessThan(12);
});

test('a page that has gone is forgotten, and the viewer ends those that are left', async () => {
  const viewer = await runningViewer();
  const page = await listen(viewer.url);
  await page.next();
  const left = await listen(viewer.url);
  await left.next();
  page.response.destroy();
  viewer.store.addSpans([makeSpan({ span: 1 })]);
  await left.next();
  await viewer.close();
  await expect(left.next()).rejects.toThrow();
});

test('more pages than are bearable are refused', async () => {
  const { url } = await runningViewer();
  await Promise.all(Array.from({ length: 64 }, () => listen(url)));
  const refused = await fetch(`${url}/api/events`);
  expect([refused.status, await refused.json()]).toEqual([
    503,
    { error: expect.stringContaining('64 pages') },
  ]);
});
