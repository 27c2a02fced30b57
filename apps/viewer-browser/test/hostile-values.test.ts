import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openPage, startBrowser } from '../src/browser.ts';
import { localViewer } from '../src/local-viewer.ts';
import { panelOf, spansOf, tracesOf } from '../src/pages.ts';
import { sampleId, sendSpans } from '../src/sample-spans.ts';

const IMAGE = '<img src=x onerror="window.hurt = true">';
const SCRIPT = '</script><script>window.hurt = true</script>';
const ADDRESS = 'javascript:window.hurt=true';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

test('names, services, attributes, errors and log lines that are markup are shown as the text that they are', async () => {
  const viewer = await localViewer();
  const traceId = sampleId(32, 1);
  await sendSpans(viewer.url, [
    {
      traceId,
      spanId: sampleId(16, 1),
      name: IMAGE,
      service: SCRIPT,
      start: 0,
      duration: 5,
      error: IMAGE,
      attributes: { [IMAGE]: SCRIPT, 'url.full': ADDRESS, request_id: IMAGE, long: '<b>'.repeat(1000) },
    },
  ]);
  viewer.takeLogLine(
    JSON.stringify({
      trace_id: traceId,
      span_id: sampleId(16, 1),
      level: IMAGE,
      message: SCRIPT,
      service: IMAGE,
    }),
  );
  // What is no trace id is refused, of which Chromium itself complains.
  const page = await openPage(browser, {}, [/status of 400/]);
  await page.goto(viewer.url);
  await tracesOf(page).getByRole('link', { name: IMAGE }).click();
  await spansOf(page).filter({ hasText: IMAGE }).click();
  const panel = panelOf(page, IMAGE);
  await panel.getByText(ADDRESS).waitFor();
  await panel.getByText(SCRIPT).nth(1).waitFor();
  await page.getByRole('link', { name: 'Map' }).click();
  await page.getByRole('table', { name: 'Services' }).getByText(SCRIPT).waitFor();
  for (const path of ['/?text=', '/?service=', '/trace/']) {
    await page.goto(viewer.url + path + encodeURIComponent(IMAGE));
    await page.getByRole('main').waitFor();
  }
  expect(await page.locator('img, script:not([src])').count()).toBe(0);
  expect(await page.locator('a[href^="javascript:"]').count()).toBe(0);
  expect(await page.evaluate('window.hurt')).toBeUndefined();
});
