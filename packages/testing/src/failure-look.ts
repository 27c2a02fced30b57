import { closeSync, openSync } from 'node:fs';
import { WriteStream } from 'node:tty';

const WIDTH = 120;

/** How the drawing of a failure looks. */
export interface FailureLook {
  /** Columns that no line exceeds. */
  readonly width: number;
  readonly color: boolean;
}

/**
 * How a failure is to be drawn at this moment: as wide as the terminal (`COLUMNS` where it is set, 120 where there is
 * none), in colours on a terminal outside of CI, where neither `NO_COLOR` nor `TERM=dumb` is set.
 */
export function failureLook(): FailureLook {
  const { COLUMNS, CI, NO_COLOR, TERM, FORCE_TTY } = process.env;
  // vitest writes for its workers, and tells them by FORCE_TTY whether it does so on a terminal.
  const isTerminal = process.stdout.isTTY || Boolean(FORCE_TTY);
  const color = isTerminal && !CI && !NO_COLOR && TERM !== 'dumb';
  const width = Number(COLUMNS) || process.stdout.columns || (CI ? 0 : terminalColumns()) || WIDTH;
  return { width, color };
}

/** The width of the terminal that a runner writes to for its processes, whose own stdout is a pipe; 0 without one. */
function terminalColumns(): number {
  let device: number | undefined;
  try {
    device = openSync('/dev/tty', 'r+');
    const terminal = new WriteStream(device);
    const { columns } = terminal;
    terminal.destroy();
    return columns || 0;
  } catch {
    // A process without a terminal: CI, a service, Windows.
    if (device !== undefined) closeSync(device);
    return 0;
  }
}
