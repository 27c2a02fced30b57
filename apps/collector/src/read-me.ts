import { readFileSync } from 'node:fs';

import { ROOT } from './yaml-files.ts';

/** Folders with configurations, each with its README. */
export const FOLDERS = ['sidecar', 'jaeger', 'xray', 'kubernetes', 'gateway'] as const;

/** A block of code of a page. */
export interface CodeBlock {
  readonly page: string;
  readonly language: string;
  readonly code: string;
}

/** A README below `apps/collector`. */
export function readPage(page: string): string {
  return readFileSync(ROOT + page, 'utf8');
}

/** The rows of the tables below a heading, cell by cell, without the first row. */
export function tableBelow(text: string, heading: string): string[][] {
  const [, section = ''] = text.split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  return own
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[ :|-]+\|$/.test(line))
    .slice(1)
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

/** What stands between backticks. */
export function codeIn(cell: string | undefined): string[] {
  return [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

export function codeBlocks(page: string): CodeBlock[] {
  return [...readPage(page).matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, language = '', code = '']) => ({
    page,
    language,
    code,
  }));
}

/** Addresses of links within the repository, without their anchors. */
export function localLinks(page: string): string[] {
  return [...readPage(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !link.includes('://'));
}
