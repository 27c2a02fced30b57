import { readFileSync } from 'node:fs';

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openPage, startBrowser } from '../src/browser.ts';
import { localViewer } from '../src/local-viewer.ts';
import { panelOf, spansOf, textsOf, tracesOf } from '../src/pages.ts';
import { sendJson } from '../src/sample-spans.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

/** What an SDK of another language sends: the bodies on which the receiver is tested. */
function payload(name: string): string {
  return readFileSync(new URL(`../../../packages/otlp/test/fixtures/${name}.json`, import.meta.url), 'utf8');
}

test('what the SDKs of Go and Python send is one trace, with errors, events, links, log lines and the map', async () => {
  const viewer = await localViewer();
  await sendJson(viewer.url, '/v1/traces', payload('python-traces'));
  await sendJson(viewer.url, '/v1/traces', payload('go-traces'));
  await sendJson(viewer.url, '/v1/logs', payload('python-logs'));
  const page = await openPage(browser);
  await page.goto(viewer.url);
  await tracesOf(page).first().waitFor();
  expect(await textsOf(tracesOf(page))).toEqual([expect.stringMatching(/HTTP GET.*gateway billing/)]);
  await tracesOf(page).getByRole('link').click();
  await spansOf(page).nth(2).waitFor();
  expect(await textsOf(spansOf(page))).toEqual([
    expect.stringContaining('gateway HTTP GET'),
    expect.stringContaining('billing GET /invoices/<id>'),
    expect.stringContaining('gateway parse'),
  ]);

  await spansOf(page).filter({ hasText: '/invoices/<id>' }).click();
  const python = panelOf(page, 'GET /invoices/<id>');
  await python.getByText('ZeroDivisionError: division by zero').waitFor();
  await python.getByText('invoice 7 cannot be split').waitFor();
  await python.getByRole('heading', { name: 'Events' }).waitFor();
  await python.getByText('exception.type').waitFor();

  await spansOf(page).filter({ hasText: 'HTTP GET' }).click();
  const go = panelOf(page, 'HTTP GET');
  // A number that JavaScript's cannot hold, bytes, and a fraction.
  await go.getByText('9007199254740993').waitFor();
  await go.getByText('3q2+7w==').waitFor();
  await go.getByText('0.25', { exact: true }).waitFor();
  await go.getByText('which is not in the store').waitFor();
  await go.getByText('messaging.batch').waitFor();

  await page.getByRole('link', { name: 'Map' }).click();
  const calls = page.getByRole('table', { name: 'Calls' }).getByRole('row');
  await calls.nth(1).waitFor();
  expect(await textsOf(calls)).toEqual([
    expect.stringContaining('From To'),
    expect.stringMatching(/^gateway billing 1 .* ✕ 100 % 150 ms 150 ms/),
  ]);
});
