import type { ShutdownRow } from './measure-shutdown.ts';
import { ENDS, type Place, PLACES, SPAN_COUNT } from './program-ends.ts';
import { lineCell, table } from './table.ts';

const HEADINGS: Readonly<Record<Place, string>> = {
  process: '### A process',
  'cluster worker': '### A worker of `cluster`',
  'worker thread': '### A worker thread',
};

/** The time that there is at the end by default, and what a loaded machine adds. */
const LIMIT_MILLIS = 3000 + 500;

/** The generated part of the document about the end of a program. */
export function shutdownSection(rows: readonly ShutdownRow[]): string {
  return [
    `Each program makes ${SPAN_COUNT} spans and ends before any of them is sent.`,
    ...PLACES.flatMap((place) => [HEADINGS[place], tableOf(rows.filter((row) => row.place === place))]),
    '### What is said at the end of a process',
    'Each line that there was, once.',
    [...new Set(rows.flatMap(({ traced }) => traced.lines.map((line) => `- ${lineCell(line)}`)))].join('\n'),
    '### What is not as promised at its end',
    shortcomingList(rows),
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
      ['said to be lost', 'right'],
    ],
    rows.map((row) => [
      ENDS[row.end],
      row.collector,
      row.traced.exit,
      row.plain.exit,
      row.traced.millis.toFixed(0),
      row.plain.millis.toFixed(0),
      String(row.delivered),
      String(saidLost(row)),
    ]),
  );
}

function shortcomingList(rows: readonly ShutdownRow[]): string {
  const list = rows.flatMap((row) => {
    const { place, end, collector, traced, plain, delivered } = row;
    const lost = saidLost(row);
    const short = [
      ...(traced.exit === plain.exit ? [] : [`it ends with ${traced.exit}, without us with ${plain.exit}`]),
      ...(traced.millis < LIMIT_MILLIS ? [] : [`it takes ${traced.millis.toFixed(0)} ms`]),
      ...(delivered + lost === SPAN_COUNT
        ? []
        : [`${delivered} delivered and ${lost} said to be lost are not the ${SPAN_COUNT} that ended`]),
    ];
    return short.map((what) => `- ${place}, ${ENDS[end]}, the collector ${collector}: ${what}.`);
  });
  return list.length === 0 ? 'Nothing: every row above is as it was promised.' : list.join('\n');
}

function saidLost({ traced }: ShutdownRow): number {
  const counts = traced.lines.map((line) => Number(/: (\d+) span\(s\) were lost/.exec(line)?.[1] ?? 0));
  return counts.reduce((sum, count) => sum + count, 0);
}
