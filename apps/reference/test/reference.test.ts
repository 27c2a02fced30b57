import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

const here = fileURLToPath(new URL('..', import.meta.url));

test(
  'the reference of all packages is made without a warning: every link leads somewhere, every parameter is there',
  {
    timeout: 120_000,
  },
  () => {
    const { status, stdout, stderr } = spawnSync('pnpm', ['exec', 'typedoc'], {
      cwd: here,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    expect(stdout + stderr).not.toMatch(/\[(?:warning|error)\]/);
    expect(status).toBe(0);
    const pages = `${here}dist/reference/`;
    expect(readFileSync(`${pages}index.html`, 'utf8')).toContain('@org/tracing-core');
    expect(existsSync(`${pages}functions/_org_tracing-core.initTracing.html`)).toBe(true);
  },
);
