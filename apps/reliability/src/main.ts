import { readFileSync, writeFileSync } from 'node:fs';

import { startPostgres } from '@org/postgres';

import { readArguments, usage } from './arguments.ts';
import { replaceSection, type Section, SECTIONS } from './document.ts';
import { faultSection } from './fault-section.ts';
import { FAULTS } from './faults.ts';
import { measureFaults } from './measure-faults.ts';
import { measurePeer } from './measure-peer.ts';
import { measureShutdown } from './measure-shutdown.ts';
import { peerSection } from './peer-section.ts';
import { shutdownSection } from './shutdown-section.ts';
import { FULL, QUICK } from './size.ts';

const DOCUMENT = new URL('../../../docs/reliability.md', import.meta.url);

const names = [...SECTIONS, ...FAULTS.map(({ name }) => name)];
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const { only, quick } = readArguments(process.argv.slice(2), names);
  const size = quick ? QUICK : FULL;
  const isWanted = (name: string): boolean => only === undefined || only === name;
  const faults = FAULTS.filter(({ name }) => isWanted('faults') || only === name);
  const isWritten = !quick && faults.length !== 1;

  const measurements: [Section, boolean, () => Promise<string>][] = [
    [
      'faults',
      faults.length > 0,
      () => withPostgres(async (url) => faultSection(size, await measureFaults(url, faults, size, say))),
    ],
    [
      'upstream',
      isWanted('upstream'),
      () => withPostgres(async (url) => peerSection(await measurePeer(url, size, say))),
    ],
    ['shutdown', isWanted('shutdown'), async () => shutdownSection(await measureShutdown(say))],
  ];
  for (const [section, isMeasured, measure] of measurements) {
    if (!isMeasured) continue;
    const content = await measure();
    say(`\n${content}\n`);
    if (isWritten) rewrite(section, content);
  }
}

async function withPostgres<T>(work: (url: string) => Promise<T>): Promise<T> {
  const postgres = await startPostgres();
  try {
    return await work(postgres.url);
  } finally {
    await postgres.stop();
  }
}

function rewrite(section: Section, content: string): void {
  writeFileSync(DOCUMENT, replaceSection(readFileSync(DOCUMENT, 'utf8'), section, content));
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage(names)}`);
  process.exitCode = 1;
}
