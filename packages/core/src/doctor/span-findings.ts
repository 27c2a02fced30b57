import type { ExportReport, TracingReport } from '../tracing-report.ts';
import type { DoctorFinding } from './doctor-report.ts';
import { note, ok, problem } from './finding.ts';

/** What became of the spans of this process. */
export function spanFindings(report: TracingReport): readonly DoctorFinding[] {
  return [beginning(report), ...report.exports.flatMap((one) => exportFindings(one))];
}

function beginning({ started, ended }: TracingReport): DoctorFinding {
  if (started === 0) {
    return note(
      'spans-none',
      'No recorded span has begun since initTracing',
      'Send a request. If there is none still: is a plugin registered, and is the path not excluded (/health and the like)?',
    );
  }
  if (ended === 0) {
    return note(
      'spans-open',
      `${started} recorded spans have begun and none has ended`,
      'A span is sent when it has ended: that of a request with its response.',
    );
  }
  return ok('spans', `${started} recorded spans have begun, ${ended} have ended`);
}

function exportFindings(report: ExportReport): readonly DoctorFinding[] {
  const { exporter, url, taken, exported, dropped, waiting, lastError, failingSince } = report;
  const to = url ?? exporter;
  const found: DoctorFinding[] = [];
  if (failingSince !== undefined) {
    found.push(
      problem(
        'export-failing',
        `Spans do not get through to ${to} since ${failingSince.toISOString()}: ${lastError?.message ?? 'no reason given'}`,
        'Ask the collector itself: `doctor({ probe: true })`, or `npx --no -- tracing-doctor --probe` on this machine.',
      ),
    );
  } else if (lastError !== undefined) {
    found.push(
      note(
        'export-recovered',
        `Sending to ${to} failed at ${lastError.time.toISOString()}, and works again: ${lastError.message}`,
      ),
    );
  }
  if (dropped > 0) {
    found.push(
      problem(
        'spans-dropped',
        `${dropped} of ${taken} spans for ${to} are lost`,
        'The reason is the last error, or a queue that was full: OTEL_BSP_MAX_QUEUE_SIZE, or a sampler.',
      ),
    );
  }
  if (found.length === 0 && taken > 0) {
    found.push(ok('export', `${exported} of ${taken} spans have gone to ${to}, ${waiting} are waiting`));
  }
  return found;
}
