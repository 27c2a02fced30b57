import type { DoctorFinding, PackageCopy } from './doctor-report.ts';
import { note, ok, problem } from './finding.ts';

/** The oldest Node that the packages run on: `engines` of their package.json. */
export const OLDEST_NODE = '20.19';

/** @param version Of Node, without the `v`. */
export function nodeFinding(version: string): DoctorFinding {
  if (compare(version, OLDEST_NODE) >= 0) return ok('node', `Node ${version} is new enough`);
  return problem(
    'node-version',
    `Node ${version} is too old`,
    `Run the program on Node ${OLDEST_NODE} or newer.`,
  );
}

/** Copies of core. They work together, whatever their versions, but options and corrections are those of one. */
export function coreFindings(copies: readonly PackageCopy[]): readonly DoctorFinding[] {
  if (copies.length < 2) return [];
  return [
    note(
      'core-copies',
      `@org/tracing-core is there ${copies.length} times: ${listed(copies)}`,
      'It works, but a correction reaches one of them alone. Ask for all @org/tracing packages in one version.',
    ),
  ];
}

/**
 * Copies of the API. What one registers is seen by those of the same major version whose minor version is not higher.
 *
 * @param registered The version that decides: what is registered, or what core would register with.
 */
export function apiFindings(
  copies: readonly PackageCopy[],
  registered: string | undefined,
): readonly DoctorFinding[] {
  const blind = registered === undefined ? [] : copies.filter(({ version }) => !sees(version, registered));
  if (blind.length > 0) {
    return [
      problem(
        'api-blind',
        `@opentelemetry/api ${registered} holds what is registered, which ${listed(blind)} cannot see: ` +
          'spans made through it are lost',
        'Install one version of @opentelemetry/api for all: see `npm ls @opentelemetry/api`, or `pnpm why`.',
      ),
    ];
  }
  if (copies.length > 1) {
    return [
      note(
        'api-copies',
        `@opentelemetry/api is there ${copies.length} times: ${listed(copies)}`,
        'They work together. `npm dedupe` makes one of them where the ranges allow it.',
      ),
    ];
  }
  return registered === undefined ? [] : [ok('api', `@opentelemetry/api is ${registered}`)];
}

function listed(copies: readonly PackageCopy[]): string {
  return copies.map(({ version, folder }) => `${version} in ${folder}`).join(', ');
}

/** Whether a copy of the API takes what another has registered, by the API's own rule. */
function sees(own: string, registered: string): boolean {
  if (own === registered || own === 'unknown') return true;
  const [ownMajor, ownMinor = 0] = numbers(own);
  const [major, minor = 0] = numbers(registered);
  return ownMajor === major && ownMinor <= minor;
}

function compare(one: string, other: string): number {
  const [oneMajor = 0, oneMinor = 0] = numbers(one);
  const [major = 0, minor = 0] = numbers(other);
  return oneMajor - major || oneMinor - minor;
}

function numbers(version: string): number[] {
  return version.split('.', 2).map(Number);
}
