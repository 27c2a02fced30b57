import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const ROOT: string = fileURLToPath(new URL('../../..', import.meta.url));

/** Every Markdown file of the repository, by its path from the root. */
export const PAGES: readonly string[] = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'],
  { cwd: ROOT, encoding: 'utf8' },
)
  .trim()
  .split('\n');

export function textOf(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}
