import type { Locator, Page } from 'playwright-core';

/** The rows of the list, without that of its head. */
export function tracesOf(page: Page): Locator {
  return page
    .getByRole('grid', { name: 'Traces' })
    .getByRole('row')
    .filter({ has: page.getByRole('link') });
}

/** The tree of spans of a trace's page. */
export function treeOf(page: Page): Locator {
  return page.getByRole('treegrid', { name: 'Spans' });
}

/** The rows of spans that are in the document, without that of their head. */
export function spansOf(page: Page): Locator {
  return treeOf(page)
    .getByRole('row')
    .filter({ has: page.getByRole('gridcell') });
}

/** What the page says of a span. */
export function panelOf(page: Page, name: string): Locator {
  return page.getByRole('complementary', { name: `Span ${name}` });
}

/** Texts as they stand, with single blanks between what the page has in columns or lines. */
export async function textsOf(locator: Locator): Promise<string[]> {
  return (await locator.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' ').trim());
}
