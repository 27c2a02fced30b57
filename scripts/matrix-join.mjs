// `node scripts/matrix-join.mjs <folder>`: one table, in Markdown, of the cells that runs of
// `pnpm test:matrix … --cells=<file>` have left there, each of one Node or more.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { suites } from './matrix-cell.mjs';
import { drawMarkdown } from './matrix-table.mjs';
import { NODE_MAJORS } from './node-versions.mjs';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('Which folder has the cells? node scripts/matrix-join.mjs <folder>');
  process.exit(1);
}
/** @type {[string, string][]} */
const cells = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => Object.entries(JSON.parse(readFileSync(join(folder, name), 'utf8'))));
console.log(drawMarkdown(suites(), NODE_MAJORS, new Map(cells)));
