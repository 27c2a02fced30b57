import { readFileSync, writeFileSync } from 'node:fs';

import { overheadChart } from './chart.ts';
import { replaceSection, type Section } from './document.ts';
import { resultTable } from './result-table.ts';
import type { StoredResult } from './results.ts';
import { table } from './table.ts';
import { targetSection } from './targets.ts';

const DOCS = new URL('../../../docs/', import.meta.url);
const PAGE = new URL('performance.md', DOCS);
const CHART = 'performance-overhead.svg';

/** Those that the chart shows. */
const CHARTED = ['fastify-get', 'koa-get', 'express-get'];

/**
 * Writes what is measured into docs/performance.md, with its chart.
 *
 * @param results Of the oldest Node first.
 * @param order Names of scenarios, in the order of the page.
 */
export function writePage(results: readonly StoredResult[], order: readonly string[]): void {
  const sections: [Section, string][] = [
    ['targets', targetSection(results)],
    ['chart', writeChart(results)],
    ['results', resultSection(results, order)],
    ['versions', versionSection(results)],
  ];
  const page = sections.reduce(
    (document, [section, content]) => replaceSection(document, section, content),
    readFileSync(PAGE, 'utf8'),
  );
  writeFileSync(PAGE, page);
}

function writeChart(results: readonly StoredResult[]): string {
  const node = results[0]?.node ?? '';
  const shown = CHARTED.flatMap(
    (name) => results.find((each) => each.node === node && each.result.name === name)?.result ?? [],
  );
  const title = `CPU time a request beyond the untraced application, Node ${node}`;
  writeFileSync(new URL(CHART, DOCS), overheadChart(title, shown));
  return `![${title}](${CHART})`;
}

/** Each scenario once, with a table for each Node. */
function resultSection(results: readonly StoredResult[], order: readonly string[]): string {
  const names = [...new Set(results.map(({ result }) => result.name))];
  const place = (name: string): number => {
    const at = order.findIndex((each) => name === each || name.startsWith(`${each}-`));
    return at < 0 ? order.length : at;
  };
  return names
    .toSorted((a, b) => place(a) - place(b) || a.localeCompare(b))
    .flatMap((name) => {
      const ofName = results.filter(({ result }) => result.name === name);
      const tables = ofName.flatMap(({ node, result }) => [`Node ${node}:`, resultTable(result)]);
      return [`### ${ofName[0]?.result.title ?? name}`, ofName[0]?.result.text ?? '', ...tables];
    })
    .join('\n\n');
}

function versionSection(results: readonly StoredResult[]): string {
  const runs = new Set(
    results.map(
      ({ node, day, machine: { platform, cpu, cores } }) =>
        `- Node ${node}, ${platform}, ${cores} × ${cpu}, ${day}`,
    ),
  );
  const versions = Object.entries(results[0]?.versions ?? {});
  const columns = [
    ['package', 'left'],
    ['version', 'left'],
  ] as const;
  return [[...runs].join('\n'), table(columns, versions)].join('\n\n');
}
