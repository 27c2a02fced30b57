import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program that some tests run. */
interface Program {
  /** What stays unknown on a machine without it. */
  readonly unknown: string;
  /** Arguments by which one that is too old fails. */
  readonly probe?: readonly string[];
}

export const PROGRAMS: Readonly<Record<string, Program>> = {
  'otelcol-contrib': {
    unknown: 'no configuration was given to the collector itself, and no span was sent through it',
  },
  kubectl: { unknown: 'no kustomization was built' },
  jq: { unknown: 'the command that puts the configuration into the task definition was not run' },
  aws: {
    unknown: 'the commands of the page about ECS were not given to the AWS CLI',
    probe: ['xray', 'get-trace-segment-destination', '--generate-cli-skeleton'],
  },
};

/** The programs that the `PATH` does not have, or has in a version that is too old. */
export function missingPrograms(path: string = process.env['PATH'] ?? ''): string[] {
  return Object.entries(PROGRAMS)
    .filter(([name, { probe }]) => !isOnPath(name, path) || !isNewEnough(name, probe, path))
    .map(([name]) => name);
}

function isOnPath(name: string, path: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function isNewEnough(name: string, probe: readonly string[] | undefined, path: string): boolean {
  return (
    probe === undefined ||
    spawnSync(name, probe, { env: { ...process.env, PATH: path }, stdio: 'ignore' }).status === 0
  );
}
