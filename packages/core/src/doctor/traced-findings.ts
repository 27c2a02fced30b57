import type { DoctorFinding, DoctorReport } from './doctor-report.ts';
import { note, ok, problem } from './finding.ts';
import { pluginOf, TRACEABLE } from './kit-plugins.ts';

/** What is told of a process, or of a folder. */
export interface Traced extends Pick<DoctorReport, 'traced' | 'untraced'> {
  readonly isRunning: boolean;
  /** Whether the options of `initTracing` say so. */
  readonly isOutgoingOff?: boolean;
}

/** What makes spans, and what does not although the kit has a plugin for it. */
export function tracedFindings({
  traced,
  untraced,
  isRunning,
  isOutgoingOff,
}: Traced): readonly DoctorFinding[] {
  const { plugins } = traced;
  const found = untraced.map(({ name, version }) =>
    isRunning
      ? problem(
          'untraced',
          `${name} ${version} is loaded, and ${pluginOf(name)} is not registered: it makes no spans`,
          `Register the plugin as the README of ${pluginOf(name)} says, in this process.`,
        )
      : problem(
          'untraced',
          `The project asks for ${name} (${version} is installed), and has no ${pluginOf(name)}: it makes no spans`,
          `npm install ${pluginOf(name)}, and register it as its README says.`,
        ),
  );
  if (isOutgoingOff) {
    found.push(
      note(
        'outgoing-off',
        'Outgoing HTTP calls are not traced: the services that are called begin traces of their own',
        'Take `outgoingHttp: false` out of the options of initTracing.',
      ),
    );
  }
  if (plugins.length === 0 && untraced.length === 0) {
    found.push(
      note(
        'plugins-none',
        `No plugin of the kit is ${isRunning ? 'registered in this process' : 'installed'}: requests that arrive, and queries, make no spans`,
        `Where there are such, install and register ${TRACEABLE.map(pluginOf).join(', ')}.`,
      ),
    );
  }
  if (plugins.length > 0) {
    const names = plugins.map(({ name, version }) => `${name} ${version}`).join(', ');
    found.push(ok('plugins', `${isRunning ? 'Registered' : 'Installed'}: ${names}`));
  }
  return found;
}

/** @param loaded Loggers that the program has loaded and not given ids. */
export function loggerFindings(correlated: readonly string[], loaded: readonly string[]): DoctorFinding[] {
  if (correlated.length > 0) return [ok('loggers', `Log lines have trace ids: ${correlated.join(', ')}`)];
  return [
    note(
      'loggers-none',
      `Log lines have no trace ids${loaded.length > 0 ? `: ${loaded.join(', ')}` : ''}`,
      'configureLogging, configureConsoleLogging, pinoTraceMixin or traceWinston give them: docs/logging.md.',
    ),
  ];
}
