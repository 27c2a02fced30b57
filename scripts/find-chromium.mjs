import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/**
 * Finds the browser of the tests of the viewer's page: the one that `CHROMIUM_PATH` names, else the first on the PATH.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined} Its path; undefined where there is none.
 * @throws {Error} Where `CHROMIUM_PATH` names no program: who sets it wants those tests.
 */
export function findChromium(env = process.env) {
  const { CHROMIUM_PATH, PATH = '' } = env;
  if (CHROMIUM_PATH) {
    if (isProgram(CHROMIUM_PATH)) return CHROMIUM_PATH;
    throw new Error(`CHROMIUM_PATH: expected the path of a Chromium, got "${CHROMIUM_PATH}"`);
  }
  const folders = PATH.split(delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isProgram);
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
