import type { TracingReport } from './tracing-report.ts';

/** How many spans are lost if the process ends now, in a sentence; undefined where none is. */
export function lossAtExit(report: TracingReport): string | undefined {
  const unsent = unsentOf(report);
  const open = report.started - report.ended;
  // Without a way out nobody expects them.
  if (unsent + open === 0 || report.exports.length === 0) return undefined;
  return `${unsent + open} span(s) were lost at the end of the process: ${unsent} not sent, ${open} not ended`;
}

/** How many are lost where tracing is shut down, which the code around may do while spans of its own are open. */
export function lossAtShutdown(report: TracingReport): string | undefined {
  const unsent = unsentOf(report);
  return unsent === 0 ? undefined : `${unsent} span(s) were lost by the shutdown: they were not sent in time`;
}

/** Of one way out, since the others may have had the same. */
function unsentOf({ exports }: TracingReport): number {
  return Math.max(0, ...exports.map(({ waiting }) => waiting));
}
