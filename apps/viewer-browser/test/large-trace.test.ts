import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openPage, startBrowser } from '../src/browser.ts';
import { largeTrace } from '../src/large-trace.ts';
import { localViewer } from '../src/local-viewer.ts';
import { panelOf, spansOf, treeOf } from '../src/pages.ts';
import { sampleId, sendSpans } from '../src/sample-spans.ts';

const SPANS = 100_000;
/** A screen has some forty; what is beside them is for scrolling. */
const MOST_ROWS = 150;
/** Of one task of the page, in milliseconds: some 150 on a quiet machine. */
const LONGEST_TASK = 1000;
/** Notes how long each task of the page takes that takes long. */
const WATCH_TASKS = `
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longTasks.push(duration);
  }).observe({ type: 'longtask', buffered: true });`;

/** In pixels. */
const ROW_HEIGHT = 26;

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

test('a trace of 100,000 spans opens, scrolls to its end and is searched without a stop, with no more rows in the document than are seen', async () => {
  const viewer = await localViewer();
  const traceId = sampleId(32, 1);
  for (const spans of largeTrace(traceId, SPANS)) await sendSpans(viewer.url, spans);
  const page = await openPage(browser);
  await page.addInitScript(WATCH_TASKS);
  await page.goto(`${viewer.url}/trace/${traceId}`);
  const spans = spansOf(page);
  await spans.filter({ hasText: 'root' }).waitFor({ timeout: 20_000 });
  await treeOf(page).getByText('100,000 spans').waitFor();
  expect(await treeOf(page).getAttribute('aria-rowcount')).toBe(String(SPANS + 1));
  expect(await spans.count()).toBeLessThan(MOST_ROWS);

  await spans.first().focus();
  await page.keyboard.press('End');
  const last = spans.filter({ hasText: 'last' });
  await last.waitFor();
  expect(await spans.count()).toBeLessThan(MOST_ROWS);
  await last.click();
  await panelOf(page, 'last').getByText(sampleId(16, SPANS)).waitFor();
  await page.keyboard.press('Escape');

  // Back by half of all rows, with the wheel.
  await treeOf(page).hover();
  await page.mouse.wheel(0, (-SPANS / 2) * ROW_HEIGHT);
  await spans.and(page.locator(`[aria-rowindex="${SPANS / 2}"]`)).waitFor();
  expect(await spans.count()).toBeLessThan(MOST_ROWS);

  await page.getByLabel('Search spans').fill('branch');
  await page.getByText(String(SPANS / 1000), { exact: true }).waitFor();

  await page.getByRole('button', { name: 'Close all' }).click();
  await spans.nth(1).waitFor({ state: 'detached' });
  expect(await spans.count()).toBe(1);
  expect(await page.evaluate('Math.max(0, ...window.longTasks)')).toBeLessThan(LONGEST_TASK);
}, 120_000);
