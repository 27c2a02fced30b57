import type { Browser, Page } from 'playwright-core';
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

/** Presses Tab until what has the focus bears that name; says what had it before where nothing does. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const passed: string[] = [];
  for (let count = 0; count < 60; count += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.locator(':focus').ariaSnapshot();
    if (name.test(focused)) return;
    passed.push(focused.split('\n')[0] ?? '');
  }
  throw new Error(`Tab does not come to ${name}: ${passed.join(' | ')}`);
}

test('keys alone lead from the list to a trace, to its error, its span, into the panel, and back', async () => {
  const viewer = await localViewer();
  await sendSpans(viewer.url, [...shopTrace(1), ...shopTrace(2)]);
  const page = await openPage(browser);
  await page.goto(viewer.url);
  await tracesOf(page).nth(1).waitFor();

  await tabTo(page, /link "GET \/cart"/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/trace/${sampleId(32, 1)}`);
  await spansOf(page).nth(4).waitFor();

  await page.keyboard.press('e');
  const focused = page.locator('[role=row]:focus');
  await focused.filter({ hasText: 'failed' }).waitFor();
  await page.keyboard.press('Enter');
  await panelOf(page, 'GET').getByText('the store-house answered 500').waitFor();
  await page.keyboard.press('Escape');
  await panelOf(page, 'GET').waitFor({ state: 'detached' });

  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowLeft');
  await spansOf(page).nth(1).waitFor({ state: 'detached' });
  await page.keyboard.press('ArrowRight');
  await spansOf(page).nth(4).waitFor();
  await page.keyboard.press('End');
  expect(await textsOf(focused)).toEqual([expect.stringContaining('GET /stock/:id')]);

  await page.keyboard.press('Enter');
  await panelOf(page, 'GET /stock/:id').waitFor();
  await tabTo(page, /button "Close the span"/);
  await page.keyboard.press('Enter');
  await panelOf(page, 'GET /stock/:id').waitFor({ state: 'detached' });

  await page.keyboard.press('/');
  await page.keyboard.type('prices');
  await page.keyboard.press('Enter');
  await page.getByText('1 of 1', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
});
