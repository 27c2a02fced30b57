import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';

import { findChromium } from '../../../scripts/find-chromium.mjs';

/** Limit of each wait for the page, in milliseconds; a loaded machine takes some seconds. */
const TIMEOUT_MILLIS = 15_000;

/** Starts the browser of a test file, without a window. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('there is no Chromium; vitest.config.ts says so before');
  // Its sandbox refuses root, whom CI often is. All that it opens is ours.
  return chromium.launch({ executablePath, chromiumSandbox: false });
}

/**
 * Opens an empty page for one test, with the page's own content security policy. The test fails where the page says an
 * error to the console, throws one, or asks another server than the viewer.
 *
 * @param expected What it may say to the console all the same.
 */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
  expected: readonly RegExp[] = [],
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(TIMEOUT_MILLIS);
  const page = await context.newPage();
  const faults: string[] = [];
  // A policy that is violated is told as an error of the console too.
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith('http://127.0.0.1:')) faults.push(`asked for ${request.url()}`);
  });
  onTestFinished(async () => {
    await context.close();
    const unexpected = faults.filter((fault) => !expected.some((pattern) => pattern.test(fault)));
    expect(unexpected, 'what the page complained of').toEqual([]);
  });
  return page;
}
