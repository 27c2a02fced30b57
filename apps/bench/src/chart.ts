import { figure } from './result-table.ts';
import type { ScenarioResult } from './scenario.ts';
import { type Row, rowsOf } from './statistics.ts';

/** Set-ups that have a bar, where they were measured. */
const SHOWN = ['floor', 'kit', 'kit-layers', 'stock', 'auto', 'dd-trace', 'sentry'];

const WIDTH = 760;
const LABELS = 110;
const FIGURES = 70;
const BAR = 16;
const STEP = 22;
const HEAD = 44;

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .head { font-weight: 600; }
  .bar { fill: #8c959f; }
  .kit { fill: #0969da; }
  .floor { fill: #d0d7de; }
  .cut { stroke: #ffffff; stroke-width: 3; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .bar { fill: #6e7681; }
    .kit { fill: #58a6ff; }
    .floor { fill: #3d444d; }
    .cut { stroke: #0d1117; }
  }`;

/** Bars of what each set-up costs beyond the untraced application, a group a scenario, in SVG. */
export function overheadChart(title: string, results: readonly ScenarioResult[]): string {
  const groups = results.map((result) => ({
    name: result.title,
    rows: rowsOf(result).filter(({ measurement }) => SHOWN.includes(measurement.setup)),
  }));
  const end = endOfScale(groups.flatMap(({ rows }) => rows));
  let y = HEAD;
  const drawn = groups.map(({ name, rows }) => {
    const head = `<text class="head" x="0" y="${y + 14}">${name}</text>`;
    y += STEP;
    const bars = rows.map((row) => {
      const bar = drawBar(row, y, end);
      y += STEP;
      return bar;
    });
    y += STEP / 2;
    return [head, ...bars].join('\n  ');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-label="${title}">
  <style>${STYLE}
  </style>
  <text class="head" x="0" y="18">${title}</text>
  ${drawn.join('\n  ')}
</svg>
`;
}

/** A bar that goes far beyond the others is cut, so that these can be told apart. */
function endOfScale(rows: readonly Row[]): number {
  const most = (setups: readonly string[]): number =>
    Math.max(...rows.filter((row) => setups.includes(row.measurement.setup)).map((row) => row.beyond ?? 0));
  return Math.min(most(SHOWN), 2.5 * most(['kit', 'stock']));
}

function drawBar({ measurement: { setup }, beyond = 0 }: Row, y: number, end: number): string {
  const length = ((WIDTH - LABELS - FIGURES) * Math.min(Math.max(beyond, 0), end)) / end;
  const kind = setup.startsWith('kit') ? 'kit' : setup === 'floor' ? 'floor' : 'bar';
  const at = LABELS + length;
  const cut = beyond > end ? `<path class="cut" d="M${at - 26} ${y + BAR + 2}l8 ${-BAR - 4}" />` : '';
  return [
    `<text x="${LABELS - 8}" y="${y + 13}" text-anchor="end">${setup}</text>`,
    `<rect class="${kind}" x="${LABELS}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" rx="2" />${cut}`,
    `<text x="${(at + 6).toFixed(1)}" y="${y + 13}">${figure(beyond, 'µs')} µs</text>`,
  ].join('');
}
