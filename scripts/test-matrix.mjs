// `pnpm test:matrix`: every suite on every Node, the packed packages among them. Words after it choose cells:
// `pnpm test:matrix 24 26` two Nodes, `pnpm test:matrix pg packed` two suites, `pnpm test:matrix 26 koa` one cell.
// `--cells=<file>` keeps the cells as JSON too, for scripts/matrix-join.mjs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import './check-node.mjs';
import { runCell, suites } from './matrix-cell.mjs';
import { drawTable } from './matrix-table.mjs';
import { hasOtherNodes, NODE_MAJORS, provideNode } from './node-versions.mjs';
import { providePnpm } from './provide-pnpm.mjs';
import { say, step } from './steps.mjs';

const KEEP = '--cells=';
const keptIn = process.argv.find((argument) => argument.startsWith(KEEP))?.slice(KEEP.length);
const words = process.argv.slice(2).filter((argument) => !argument.startsWith(KEEP));
const ownMajor = Number(process.versions.node.split('.')[0]);
const known = suites();
const majors = chosen(NODE_MAJORS, String);
const rows = chosen(known, ({ name }) => name);
const unknown = words.filter(
  (word) => !NODE_MAJORS.some((major) => String(major) === word) && !known.some(({ name }) => name === word),
);
if (unknown.length > 0) {
  console.error(`Neither a Node nor a suite: ${unknown.join(', ')}.`);
  console.error(`Nodes: ${NODE_MAJORS.join(', ')}. Suites: ${known.map(({ name }) => name).join(', ')}.`);
  process.exit(1);
}

providePnpm();
const built = await step('Build', ['pnpm', 'run', 'build'], {
  quiet: true,
  hint: 'The compiler names the lines above.',
});
if (!built) process.exit(1);

/** @type {Map<string, string>} */
const cells = new Map();
let good = true;
for (const major of majors) {
  if (major !== ownMajor && !hasOtherNodes()) {
    say(`- Node ${major}: left out, npm has no binary of Node for ${process.platform} on ${process.arch}`);
    continue;
  }
  const node = provided(major);
  for (const suite of rows) {
    const cell = node && (await runCell(suite, node));
    if (!cell?.good) good = false;
    cells.set(`${suite.name} ${major}`, cell ? cellText(cell) : 'no Node');
    if (!cell) continue;
    if (!cell.good) process.stdout.write(cell.output);
    say(`${cell.good ? '✓' : '✗'} Node ${node.version} · ${suite.name} · ${cellText(cell)}`);
  }
}

if (keptIn) {
  mkdirSync(dirname(keptIn), { recursive: true });
  writeFileSync(keptIn, JSON.stringify(Object.fromEntries(cells), null, 2));
}
console.log(`\n${drawTable(rows, majors, cells)}`);
say(good ? 'The whole matrix passed' : 'Some cells failed: see the lines marked ✗ above');
process.exitCode = good ? 0 : 1;

/** @param {number} major */
function provided(major) {
  try {
    return provideNode(major);
  } catch (error) {
    say(`✗ Node ${major}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/**
 * Those that a word names, or all where none does.
 *
 * @template T
 * @param {readonly T[]} all
 * @param {(item: T) => string} nameOf
 * @returns {readonly T[]}
 */
function chosen(all, nameOf) {
  const named = all.filter((item) => words.includes(nameOf(item)));
  return named.length > 0 ? named : all;
}

/** @param {import('./matrix-cell.mjs').CellResult} cell */
function cellText({ passed, failed, good: fine, millis }) {
  const seconds = `${(millis / 1000).toFixed(0)} s`;
  if (fine && passed === 0) return 'not run';
  return fine ? `${passed} passed, ${seconds}` : `${failed} FAILED of ${passed + failed}, ${seconds}`;
}
