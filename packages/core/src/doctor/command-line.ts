import { parseArgs } from 'node:util';

import { errorText } from '../diagnostics.ts';
import { formatDoctorReport } from './doctor-text.ts';
import { folderDoctor } from './folder-doctor.ts';

const USAGE = `Usage: tracing-doctor [--probe] [--json]

Looks at the tracing of the project in this folder: versions and copies of packages, what is traced and what is not,
and what the OTEL_* variables of this shell ask for.

  --probe   sends one empty export to the collector that they name, and tells what came of it (5 seconds at most)
  --json    the report as JSON
  --help    this text

Exit code: 0 without a problem, 1 with one, 2 where the arguments are wrong.
A running program tells of itself by \`doctor()\`.
`;

/**
 * What the command `tracing-doctor` does.
 *
 * @param args The arguments, without Node and the program.
 * @returns The exit code.
 */
export async function runDoctor(args: readonly string[]): Promise<number> {
  let options: { probe?: boolean; json?: boolean; help?: boolean };
  try {
    options = parseArgs({
      args: [...args],
      options: {
        probe: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`${errorText(error)}\n\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const report = await folderDoctor(process.cwd(), options.probe ?? false);
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : formatDoctorReport(report));
  return report.healthy ? 0 : 1;
}
