import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs that some tests run, and what stays unknown on a machine without them. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  'otelcol-contrib': 'no configuration was given to the collector itself, and no span was sent through it',
  kubectl: 'no kustomization was built',
  jq: 'the command that puts the configuration into the task definition was not run',
};

/** The programs that the `PATH` does not have. */
export function missingPrograms(path: string = process.env['PATH'] ?? ''): string[] {
  return Object.keys(PROGRAMS).filter((name) => !isOnPath(name, path));
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
