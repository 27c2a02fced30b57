import type { FaultRow } from './fault-section.ts';
import type { Fault } from './faults.ts';
import { startPlainChain, startSetting } from './lab.ts';
import type { LoadSummary } from './load.ts';
import { type FaultResult, runFault, runPlain } from './run-fault.ts';
import { shortcomings } from './shortcomings.ts';
import type { Size } from './size.ts';

/** Measures these faults, each with services of its own, and right before with as many without exporter. */
export async function measureFaults(
  databaseUrl: string,
  faults: readonly Fault[],
  size: Size,
  say: (line: string) => void,
): Promise<readonly FaultRow[]> {
  const rows: FaultRow[] = [];
  for (const fault of faults) {
    const row = {
      plain: await measurePlain(databaseUrl, size),
      result: await measure(databaseUrl, fault, size),
    };
    rows.push(row);
    say(`${fault.name}: ${shortcomings(row.result).join('; ') || 'as promised'}`);
  }
  return rows;
}

async function measurePlain(databaseUrl: string, size: Size): Promise<LoadSummary> {
  const chain = await startPlainChain(databaseUrl);
  try {
    return await runPlain(chain, size);
  } finally {
    await chain[Symbol.asyncDispose]();
  }
}

async function measure(databaseUrl: string, fault: Fault, size: Size): Promise<FaultResult> {
  const setting = await startSetting(databaseUrl, fault.endpoint, { queue: fault.queue });
  try {
    return await runFault(fault, setting, size);
  } finally {
    await setting[Symbol.asyncDispose]();
  }
}
