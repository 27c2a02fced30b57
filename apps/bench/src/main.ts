import { type BenchArguments, readArguments, usage } from './arguments.ts';
import { measureRatios } from './check.ts';
import { PEERS, versionsIn } from './modules.ts';
import { majorOf, newestNode, nodeNamed, type NodeProgram, OWN_NODE } from './nodes.ts';
import { writePage } from './page.ts';
import { record } from './recorded.ts';
import { resultTable } from './result-table.ts';
import { storedResults, storeResult } from './results.ts';
import type { Scenario } from './scenario.ts';
import { ON_NEWEST_NODE, SCENARIOS } from './scenarios.ts';
import { median } from './statistics.ts';

const names = SCENARIOS.map(({ name }) => name);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** What is run on which Node, in this order. */
async function plan({ only, node, quick }: BenchArguments): Promise<[NodeProgram, readonly Scenario[]][]> {
  const chosen = SCENARIOS.filter(({ name }) => only.length === 0 || only.includes(name));
  if (node !== undefined) return [[await nodeNamed(node), chosen]];
  const newest = quick ? undefined : await newestNode();
  const again = chosen.filter(({ name }) => ON_NEWEST_NODE.includes(name));
  return newest
    ? [
        [OWN_NODE, chosen],
        [newest, again],
      ]
    : [[OWN_NODE, chosen]];
}

/** Measures a few times, since what is recorded is what CI compares with. */
async function recordRatios(name: string | undefined): Promise<void> {
  const node = name === undefined ? OWN_NODE : await nodeNamed(name);
  const runs: number[] = [];
  for (let run = 0; run < 3; run++) {
    const ratios = await measureRatios(node.path);
    say(`Node ${node.version}: ${JSON.stringify(ratios)}`);
    runs.push(ratios['kit'] ?? Number.NaN);
  }
  record(majorOf(node), { kit: median(runs) });
}

async function main(): Promise<void> {
  const wanted = readArguments(process.argv.slice(2), names);
  if (wanted.record) return recordRatios(wanted.node);
  const steps = wanted.draw ? [] : await plan(wanted);
  for (const [node, scenarios] of steps) {
    for (const scenario of scenarios) {
      const began = performance.now();
      const measured = await scenario.run({ quick: wanted.quick, node: node.path, say });
      for (const result of [measured].flat()) {
        say(`\n${result.title}, Node ${node.version}\n${result.text}\n\n${resultTable(result)}`);
        if (!wanted.quick) storeResult(node, versionsIn(PEERS), result);
      }
      say(`${scenario.name}: ${((performance.now() - began) / 1000).toFixed(0)} s`);
    }
  }
  if (!wanted.quick) writePage(storedResults(), names);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof TypeError) process.stderr.write(`\n${usage(names)}`);
  process.exitCode = 1;
}
