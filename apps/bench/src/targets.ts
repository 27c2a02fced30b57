import type { StoredResult } from './results.ts';
import type { ScenarioResult } from './scenario.ts';
import { rowsOf } from './statistics.ts';
import { table } from './table.ts';

/** What the kit is to cost, as a part of what another set-up costs in the same run. */
interface Target {
  readonly title: string;
  readonly scenario: string;
  readonly setup: string;
  readonly beside: string;
  readonly required: number;
  readonly aim?: number;
}

const HTTP = [
  ['fastify-get', 'Fastify'],
  ['koa-get', 'Koa'],
  ['express-get', 'Express'],
] as const;

const TARGETS: readonly Target[] = [
  ...HTTP.map(([scenario, name]) => target(`server span, ${name}`, scenario, 'kit', 'stock', 0.3, 0.15)),
  target('chain', 'chain', 'kit', 'stock', 0.35, 0.25),
  ...HTTP.map(([scenario, name]) => target(`unsampled, ${name}`, scenario, 'kit-unsampled', 'floor', 2)),
  ...HTTP.map(([scenario, name]) => target(`excluded, ${name}`, scenario, 'kit-excluded', 'floor', 1.3)),
  target('start-up, CPU', 'start-up', 'kit', 'stock', 0.5),
  target('memory', 'memory', 'kit', 'stock', 0.5),
];

/** Tracers that do the kit's work, with spans that are delivered. */
const PEERS = ['stock', 'stock-http-only', 'auto', 'dd-trace', 'sentry'];

/** Each target beside what was measured, and the fastest peer of each row. */
export function targetSection(results: readonly StoredResult[]): string {
  const rows = TARGETS.flatMap((each) =>
    results.filter(({ result }) => result.name === each.scenario).map((stored) => targetRow(each, stored)),
  );
  return table(
    [
      ['cost of the kit', 'left'],
      ['Node', 'left'],
      ['beside', 'left'],
      ['at most', 'right'],
      ['aim', 'right'],
      ['measured', 'right'],
      ['', 'left'],
      ['least of the peers, to stock', 'left'],
    ],
    rows,
  );
}

function targetRow(
  { title, setup, beside, required, aim }: Target,
  { node, result }: StoredResult,
): readonly string[] {
  const ratio = beyondOf(result, setup) / beyondOf(result, beside);
  const verdict = ratio <= (aim ?? required) ? 'met' : ratio <= required ? 'met, short of the aim' : 'missed';
  const shown = [required.toFixed(2), aim?.toFixed(2) ?? '', ratio.toFixed(2), verdict];
  return [title, node, beside, ...shown, setup === 'kit' ? leastPeer(result) : ''];
}

function leastPeer(result: ScenarioResult): string {
  const [least] = rowsOf(result)
    .filter(({ measurement: { setup } }) => PEERS.includes(setup))
    .toSorted((a, b) => (a.beyond ?? a.total) - (b.beyond ?? b.total));
  return least?.toStock === undefined ? '' : `${least.measurement.setup} ${least.toStock.toFixed(2)}`;
}

function beyondOf(result: ScenarioResult, setup: string): number {
  return rowsOf(result).find(({ measurement }) => measurement.setup === setup)?.beyond ?? Number.NaN;
}

function target(
  title: string,
  scenario: string,
  setup: string,
  beside: string,
  required: number,
  aim?: number,
): Target {
  return { title, scenario, setup, beside, required, ...(aim !== undefined && { aim }) };
}
