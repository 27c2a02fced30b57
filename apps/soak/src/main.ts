import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

import { readArguments, type SoakArguments } from './arguments.ts';
import { type Checkpoint, soak } from './soak.ts';
import { table } from './table.ts';
import { judge, type Verdict } from './verdict.ts';

/** Soaks one plugin after the other, and tells how it goes. */
async function soakAll({ requests, plugins, layers, leak }: SoakArguments): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const plugin of plugins) {
    process.stdout.write(`\n${plugin}: ${requests.toLocaleString('en')} requests\n`);
    const verdict = judge(
      await soak({ plugin, requests, layers, ...(leak && { leak }), onCheckpoint: printCheckpoint }),
    );
    verdicts.push(verdict);
    for (const fault of verdict.faults) process.stdout.write(`  ✗ ${fault}\n`);
    if (verdict.faults.length === 0) {
      process.stdout.write(
        `  ✓ nothing is left; the heap's slope is ${verdict.slope.toFixed(2)} bytes a request\n`,
      );
    }
  }
  return verdicts;
}

function printCheckpoint({ sent, heapUsed, external, rss, started, ended }: Checkpoint): void {
  const sizes = [heapUsed, external, rss].map((bytes) => (bytes / 1e6).toFixed(2)).join(', ');
  const line = `heap, external, rss ${sizes} MB; ${started} spans started, ${ended} ended`;
  process.stdout.write(`  ${sent.toLocaleString('en').padStart(9)}  ${line}\n`);
}

function writeJson(file: string, { requests, layers }: SoakArguments, verdicts: readonly Verdict[]): void {
  const { version: node, platform, arch } = process;
  const machine = { node, platform, arch, cores: availableParallelism(), cpu: cpus()[0]?.model };
  writeFileSync(file, `${JSON.stringify({ machine, requests, layers, plugins: verdicts }, undefined, 2)}\n`);
}

async function main(): Promise<void> {
  const wanted = readArguments(process.argv.slice(2));
  const verdicts = await soakAll(wanted);
  process.stdout.write(`\n${table(verdicts)}\n`);
  if (wanted.json !== undefined) writeJson(wanted.json, wanted, verdicts);
  if (verdicts.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
