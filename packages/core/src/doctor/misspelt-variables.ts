import { isOneSlip } from '../one-slip.ts';
import type { DoctorFinding } from './doctor-report.ts';
import { note } from './finding.ts';
import { READ_VARIABLES } from './read-variables.ts';

/** Variables whose names are one slip away from one that is read. */
export function misspeltFindings(names: readonly string[]): readonly DoctorFinding[] {
  return names.flatMap((name) => {
    if (READ_VARIABLES.has(name)) return [];
    const meant = [...READ_VARIABLES].find((known) => isOneSlip(name, known));
    return meant === undefined
      ? []
      : [note('setting-misspelt', `${name} is set, which nothing here reads`, `Is ${meant} meant?`)];
  });
}
