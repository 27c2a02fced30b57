import { readFileSync, writeFileSync } from 'node:fs';

import { startPostgres } from '@org/postgres';

import { readArguments, usage } from './arguments.ts';
import { replaceSection, SECTIONS } from './document.ts';
import { faultSection } from './fault-section.ts';
import { FAULTS } from './faults.ts';
import { measureFaults } from './measure-faults.ts';

const DOCUMENT = new URL('../../../docs/reliability.md', import.meta.url);

const names = [...SECTIONS, ...FAULTS.map(({ name }) => name)];
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const { only, quick } = readArguments(process.argv.slice(2), names);
  const faults = FAULTS.filter(({ name }) => only === undefined || only === 'faults' || only === name);
  if (faults.length > 0) {
    const postgres = await startPostgres();
    try {
      const section = faultSection(await measureFaults(postgres.url, faults, quick, say));
      say(`\n${section}\n`);
      if (!quick && faults.length === FAULTS.length) {
        writeFileSync(DOCUMENT, replaceSection(readFileSync(DOCUMENT, 'utf8'), 'faults', section));
      }
    } finally {
      await postgres.stop();
    }
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage(names)}`);
  process.exitCode = 1;
}
