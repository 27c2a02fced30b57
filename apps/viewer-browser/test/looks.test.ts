import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

import type { Viewer } from '@org/tracing-viewer';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { openPage, startBrowser } from '../src/browser.ts';
import { localViewer } from '../src/local-viewer.ts';
import { panelOf, spansOf, tracesOf } from '../src/pages.ts';
import { sampleId, sendSpans } from '../src/sample-spans.ts';
import { shopTrace } from '../src/sample-traces.ts';
import { keepPicture } from '../src/screenshots.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

/** What axe-core calls serious or critical, with the elements. */
async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>(`axe.run({ resultTypes: ['violations'] })`);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

/** The pages by the names of their pictures, each with what opens it and waits until it is whole. */
const PAGES: Readonly<Record<string, (page: Page, viewer: Viewer) => Promise<unknown>>> = {
  async list(page, viewer) {
    await page.goto(viewer.url);
    await tracesOf(page).nth(2).waitFor();
  },
  async empty(page, viewer) {
    await page.goto(`${viewer.url}/?text=nothing-has-this`);
    await page.getByText('No trace passes').waitFor();
  },
  async trace(page, viewer) {
    await page.goto(`${viewer.url}/trace/${sampleId(32, 1)}`);
    await spansOf(page).nth(4).waitFor();
  },
  async span(page, viewer) {
    await page.goto(`${viewer.url}/trace/${sampleId(32, 1)}?span=${sampleId(16, 105)}`);
    await panelOf(page, 'GET /stock/:id').getByText('no such shelf').waitFor();
  },
  async logs(page, viewer) {
    await page.goto(`${viewer.url}/trace/${sampleId(32, 1)}?view=logs`);
    await page.getByText('the cart has 3 pieces').waitFor();
  },
  async map(page, viewer) {
    await page.goto(`${viewer.url}/map`);
    await page.getByRole('table', { name: 'Calls' }).waitFor();
  },
  async start(page, viewer) {
    await page.goto(viewer.url);
    await page.getByText('No trace has come yet').waitFor();
  },
};

/** A viewer with three traces, or with none for the page "start". */
async function viewerFor(name: string): Promise<Viewer> {
  const viewer = await localViewer();
  if (name === 'start') return viewer;
  for (const number of [1, 2, 3]) await sendSpans(viewer.url, shopTrace(number));
  viewer.takeLogLine(
    JSON.stringify({
      trace_id: sampleId(32, 1),
      span_id: sampleId(16, 101),
      timestamp: '2026-11-25T09:30:01.005Z',
      level: 'INFO',
      service: 'shop',
      message: 'the cart has 3 pieces',
    }),
  );
  return viewer;
}

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  test.each(Object.keys(PAGES))('axe-core finds no serious fault on the page "%s"', async (name) => {
    const viewer = await viewerFor(name);
    const page = await openPage(browser, { colorScheme });
    await PAGES[name]?.(page, viewer);
    await keepPicture(page, `${name}-${colorScheme}-1440`);
    expect(await faultsOf(page)).toEqual([]);
  });
});

describe.each([360, 800])('at %d pixels', (width) => {
  test.each(Object.keys(PAGES))('the page "%s" is readable without moving it sideways', async (name) => {
    const viewer = await viewerFor(name);
    const page = await openPage(browser, { viewport: { width, height: 800 } });
    await PAGES[name]?.(page, viewer);
    await keepPicture(page, `${name}-light-${width}`);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    expect(await movedSideways(page)).toEqual([]);
    expect(await faultsOf(page)).toEqual([]);
  });
});

test('the page follows the colours of the system', async () => {
  const viewer = await viewerFor('list');
  const page = await openPage(browser, { colorScheme: 'light' });
  await page.goto(viewer.url);
  await tracesOf(page).first().waitFor();
  const background = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const light = await background();
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await background();
  expect(brightness(light)).toBeGreaterThan(200);
  expect(brightness(dark)).toBeLessThan(60);
});

/** Parts of the page that have more in them than they show, and are moved sideways for it; the map's drawing and tables may be. */
function movedSideways(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('*')]
    .filter((each) => /auto|scroll/.test(getComputedStyle(each).overflowX) && each.scrollWidth > each.clientWidth)
    .filter((each) => !each.matches('.map-drawing, .map-tables *'))
    .map((each) => each.className)`);
}

/** Of `rgb(r, g, b)`: 0 to 255. */
function brightness(color: string): number {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map(Number);
  return (red + green + blue) / 3;
}
