import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { onTestFinished } from 'vitest';

/**
 * The built package and what it depends on, but some of OpenTelemetry's packages, in a folder of its own until the
 * test has finished. Its `program.mjs` exports what the package does.
 *
 * @param missing Names below `@opentelemetry/`.
 */
export function installWithout(...missing: readonly string[]): string {
  const here = fileURLToPath(new URL('../..', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'without-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const modules = join(folder, 'node_modules');
  const installed = join(modules, '@org/tracing-core');
  mkdirSync(dirname(installed), { recursive: true });
  cpSync(join(here, 'dist'), join(installed, 'dist'), { recursive: true });
  cpSync(join(here, 'package.json'), join(installed, 'package.json'));
  mkdirSync(join(modules, '@opentelemetry'));
  for (const name of readdirSync(join(here, 'node_modules/@opentelemetry'))) {
    if (missing.includes(name)) continue;
    symlinkSync(join(here, 'node_modules/@opentelemetry', name), join(modules, '@opentelemetry', name));
  }
  cpSync(join(here, 'test/fixtures/re-export.mjs'), join(folder, 'program.mjs'));
  return folder;
}
