import { fileURLToPath } from 'node:url';

import type { Page } from 'playwright-core';

const FOLDER = fileURLToPath(new URL('../screenshots/', import.meta.url));

/** Keeps a picture of what is seen, for people to look at: `screenshots/NAME.png`. */
export async function keepPicture(page: Page, name: string): Promise<Buffer> {
  return page.screenshot({ path: `${FOLDER}${name}.png`, animations: 'disabled' });
}
