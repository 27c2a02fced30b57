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

test('a pause keeps the list as it is, says that more has come, and its end shows it', async () => {
  const viewer = await localViewer();
  await sendSpans(viewer.url, shopTrace(1));
  const page = await openPage(browser);
  await page.goto(viewer.url);
  await tracesOf(page).first().waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Paused', { exact: true }).waitFor();
  await sendSpans(viewer.url, shopTrace(2));
  await page.getByText(/Paused; \d+ changes? since/).waitFor();
  expect(await tracesOf(page).count()).toBe(1);
  await page.getByRole('button', { name: 'Resume' }).click();
  await tracesOf(page).nth(1).waitFor();
});

test('a trace that is saved as a file opens in another viewer as it was', async () => {
  const viewer = await localViewer();
  const other = await localViewer();
  await sendSpans(viewer.url, shopTrace(1));
  viewer.takeLogLine(
    JSON.stringify({ trace_id: sampleId(32, 1), span_id: sampleId(16, 101), message: 'three pieces' }),
  );
  const page = await openPage(browser);
  await page.goto(`${viewer.url}/trace/${sampleId(32, 1)}`);
  await spansOf(page).nth(4).waitFor();
  const rows = await textsOf(spansOf(page));
  const saving = page.waitForEvent('download');
  await page.getByRole('link', { name: /Download/ }).click();
  const file = await (await saving).path();

  await page.goto(other.url);
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: /Import/ }).click();
  await (await choosing).setFiles(file);
  // Where it is one trace, that is what is opened.
  await page.waitForURL(`${other.url}/trace/${sampleId(32, 1)}`);
  await spansOf(page).nth(4).waitFor();
  expect(await textsOf(spansOf(page))).toEqual(rows);
  await spansOf(page).first().click();
  await panelOf(page, 'GET /cart').getByText('three pieces').waitFor();
});
