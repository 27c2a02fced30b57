import type { DrawTraceTreeOptions } from './trace-tree-drawing.ts';

/** A stream as far as it may be a terminal: `process.stdout`, `process.stderr`, or any other. */
export interface MaybeTerminal {
  readonly isTTY?: boolean;
  /** Width of the terminal. */
  readonly columns?: number;
}

/**
 * How a trace is to be drawn on a stream at this moment: as wide as the terminal, in colours where it is one and
 * neither `NO_COLOR` nor `TERM=dumb` is set. Without a terminal: without colours, in the default width.
 */
export function terminalLook(stream: MaybeTerminal): Pick<DrawTraceTreeOptions, 'color' | 'width'> {
  if (stream.isTTY !== true) return { color: false };
  const color = !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  // A terminal that does not know its size says 0.
  return stream.columns ? { color, width: stream.columns } : { color };
}
