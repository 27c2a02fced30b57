import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openPage, startBrowser } from '../src/browser.ts';
import { localViewer } from '../src/local-viewer.ts';
import { panelOf, spansOf, textsOf, tracesOf } from '../src/pages.ts';
import { sampleId, sendSpans } from '../src/sample-spans.ts';
import { shopTrace } from '../src/sample-traces.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

test('the address of a span opens its trace with the span shown, and so does a reload', async () => {
  const viewer = await localViewer();
  await sendSpans(viewer.url, shopTrace(1));
  const page = await openPage(browser);
  await page.goto(`${viewer.url}/trace/${sampleId(32, 1)}?span=${sampleId(16, 105)}`);
  await panelOf(page, 'GET /stock/:id').getByText('no such shelf').waitFor();
  await page.reload();
  await panelOf(page, 'GET /stock/:id').getByText('no such shelf').waitFor();
  const selected = spansOf(page).and(page.locator('[aria-selected=true]'));
  expect(await textsOf(selected)).toEqual([expect.stringContaining('GET /stock/:id')]);
});

test('the address of a trace that is not here says so, and shows it when it comes', async () => {
  const viewer = await localViewer();
  // The server's answer is 404, of which Chromium itself complains.
  const page = await openPage(browser, {}, [/status of 404/]);
  await page.goto(`${viewer.url}/trace/${sampleId(32, 1)}`);
  await page.getByText('The store does not hold this trace').waitFor();
  await sendSpans(viewer.url, shopTrace(1));
  await spansOf(page).nth(4).waitFor();
  expect(await spansOf(page).first().innerText()).toContain('GET /cart');
});

test('filters are in the address, survive a reload, and "back" comes to the list with them', async () => {
  const viewer = await localViewer();
  await sendSpans(viewer.url, [
    ...shopTrace(1),
    {
      traceId: sampleId(32, 2),
      spanId: sampleId(16, 200),
      name: 'nightly',
      service: 'job',
      start: 0,
      duration: 5,
    },
  ]);
  const page = await openPage(browser);
  await page.goto(viewer.url);
  await tracesOf(page).nth(1).waitFor();
  await page.getByLabel('Service').selectOption('job');
  await page.getByLabel('Search').fill('nightly');
  await page.waitForURL(/text=nightly/);
  expect(new URL(page.url()).search).toBe('?service=job&text=nightly');
  await page.getByText('1 match').waitFor();

  await page.reload();
  await page.getByText('1 match').waitFor();
  expect(await page.getByLabel('Service').inputValue()).toBe('job');
  expect(await page.getByLabel('Search').inputValue()).toBe('nightly');
  expect(await textsOf(tracesOf(page).getByRole('link'))).toEqual(['nightly']);

  await tracesOf(page).getByRole('link').click();
  await spansOf(page).first().waitFor();
  await page.goBack();
  await page.getByText('1 match').waitFor();
  expect(new URL(page.url()).search).toBe('?service=job&text=nightly');
});

test.each([
  ['service', 'prices', ['GET /cart']],
  ['route', '/prices/:id', ['GET /cart']],
  ['status', '2xx', ['GET /cart']],
  ['minMs', '100', ['GET /cart']],
  ['maxMs', '100', ['nightly']],
  ['error', 'true', ['GET /cart']],
  ['requestId', 'r-7', ['nightly']],
  ['attribute', 'shift=late', ['nightly']],
  ['text', 'no such shelf', ['GET /cart']],
  ['sort', 'shortest', ['nightly', 'GET /cart']],
])('the list is filtered by %s', async (name, value, names) => {
  const viewer = await localViewer();
  await sendSpans(viewer.url, [
    ...shopTrace(1),
    {
      traceId: sampleId(32, 2),
      spanId: sampleId(16, 200),
      name: 'nightly',
      service: 'job',
      start: 0,
      duration: 5,
      attributes: { request_id: 'r-7', shift: 'late' },
    },
  ]);
  const page = await openPage(browser);
  await page.goto(`${viewer.url}/?${new URLSearchParams({ [name]: value }).toString()}`);
  await page.getByText(name === 'sort' ? '2 in all' : '1 match').waitFor();
  expect(await textsOf(tracesOf(page).getByRole('link'))).toEqual(names);
});
