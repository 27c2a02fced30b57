import { existsSync } from 'node:fs';
import { join, normalize, posix } from 'node:path';

import { expect, test } from 'vitest';

import { PAGES, ROOT, textOf } from './documents.ts';

/** The part of an address that leads to a heading, as GitHub makes it of the heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');
}

const withoutBlocks = new Map(
  PAGES.map((page) => [page, textOf(page).replaceAll(/^( *)```[^]*?^\1```$/gm, '')]),
);

function anchorsOf(page: string): readonly string[] {
  const headings = withoutBlocks.get(page)?.matchAll(/^#+ (.*)$/gm) ?? [];
  return [...headings].map(([, heading = '']) => anchorOf(heading));
}

test('every link within the repository leads to a file, and to a heading, that is there', () => {
  const links = [...withoutBlocks].flatMap(([page, text]) =>
    [...text.matchAll(/\]\((?!\w+:)([^()\s]+)\)/g)].map(([, address = '']) => ({ page, address })),
  );
  expect(links).not.toEqual([]);
  const dead = links.filter(({ page, address }) => {
    const [path = '', anchor] = address.split('#');
    const file = path === '' ? page : normalize(posix.join(posix.dirname(page), path));
    if (!existsSync(join(ROOT, file))) return true;
    return anchor !== undefined && !anchorsOf(file).includes(anchor);
  });
  expect(dead).toEqual([]);
});
