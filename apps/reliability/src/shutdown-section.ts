import type { ShutdownRow } from './measure-shutdown.ts';
import { ENDS, type Place, PLACES, SPAN_COUNT } from './program-ends.ts';
import { table } from './table.ts';

const HEADINGS: Readonly<Record<Place, string>> = {
  process: '### A process',
  'cluster worker': '### A worker of `cluster`',
  'worker thread': '### A worker thread',
};

/** The generated part of the document about the end of a program. */
export function shutdownSection(rows: readonly ShutdownRow[]): string {
  return [
    `Each program makes ${SPAN_COUNT} spans and ends before any of them is sent.`,
    ...PLACES.flatMap((place) => [HEADINGS[place], tableOf(rows.filter((row) => row.place === place))]),
  ].join('\n\n');
}

function tableOf(rows: readonly ShutdownRow[]): string {
  return table(
    [
      ['the end', 'left'],
      ['the collector', 'left'],
      ['exit', 'right'],
      ['without us', 'right'],
      ['ms', 'right'],
      ['without us', 'right'],
      ['delivered', 'right'],
      ['said', 'left'],
    ],
    rows.map(({ end, collector, traced, plain, delivered }) => [
      ENDS[end],
      collector,
      traced.exit,
      plain.exit,
      traced.millis.toFixed(0),
      plain.millis.toFixed(0),
      String(delivered),
      traced.lines.map(code).join(' '),
    ]),
  );
}

function code(line: string): string {
  // A port differs from run to run.
  return `\`${line.replaceAll(/(127\.0\.0\.1):\d+/g, '$1:PORT').replaceAll('|', '\\|')}\``;
}
