import type { DoctorFinding } from './doctor-report.ts';
import { problem } from './finding.ts';
import { READ_VARIABLES } from './read-variables.ts';

/** Variables by their names. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables of OpenTelemetry as they are now. */
export function telemetryVariables(): Environment {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('OTEL_')));
}

/** Variables that have changed since `initTracing` read them, which does not read them again. */
export function lateVariables(atStart: Environment): readonly string[] {
  const now = telemetryVariables();
  const names = new Set([...Object.keys(now), ...Object.keys(atStart)]);
  return [...names].filter((name) => READ_VARIABLES.has(name) && now[name] !== atStart[name]);
}

/** What that means. */
export function lateFindings(names: readonly string[]): readonly DoctorFinding[] {
  if (names.length === 0) return [];
  return [
    problem(
      'settings-late',
      `Since initTracing read the environment, these have changed: ${names.join(', ')}`,
      'Set variables before initTracing is called: with what starts the program, by `node --env-file`, or by an import above it.',
    ),
  ];
}

/** Runs `fn` with the variables of OpenTelemetry as they were. */
export function withEnvironment<T>(environment: Environment, fn: () => T): T {
  const before = process.env;
  const others = Object.entries(before).filter(([name]) => !name.startsWith('OTEL_'));
  // Another object in its place, for as long as nothing else can run: what the process itself has is left alone.
  process.env = { ...Object.fromEntries(others), ...environment };
  try {
    return fn();
  } finally {
    process.env = before;
  }
}
