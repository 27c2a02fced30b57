import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openPage, startBrowser } from '../src/browser.ts';
import { panelOf, spansOf, tracesOf } from '../src/pages.ts';
import { type SampleServices, startSampleServices } from '../src/sample-services.ts';
import { keepPicture } from '../src/screenshots.ts';

const START_MILLIS = 60_000;
const MOST_BYTES = 200_000;

let browser: Browser;
let services: SampleServices;
beforeAll(async () => {
  [browser, services] = await Promise.all([startBrowser(), startSampleServices()]);
}, START_MILLIS);
afterAll(async () => {
  await Promise.all([browser.close(), services.stop()]);
});

test(
  'the picture of the README: the request of the demo, with a span and its log line',
  async () => {
    const page = await openPage(browser, { viewport: { width: 1360, height: 860 } });
    await page.goto(services.url);
    await page.getByRole('link', { name: 'process orders' }).waitFor({ timeout: START_MILLIS });
    // The first request opens every connection: a later one shows how long things take.
    for (const id of ['warm-up', 'picture']) await services.order(id);
    const row = tracesOf(page).filter({ hasText: 'picture' });
    await row.filter({ hasText: 'process orders' }).waitFor();
    await row.filter({ hasText: 'POST /dispatch' }).getByRole('link').click();
    await spansOf(page).nth(9).waitFor();
    await page.getByText('linked from trace').waitFor();
    await spansOf(page).filter({ hasText: 'GET /stock/:sku' }).click();
    const line = panelOf(page, 'GET /stock/:sku').getByText('12 pieces of anvil');
    await line.waitFor();
    expect((await line.boundingBox())?.y, 'the log line is in the picture').toBeLessThan(820);
    expect((await keepPicture(page, 'viewer')).length).toBeLessThan(MOST_BYTES);
  },
  START_MILLIS,
);
