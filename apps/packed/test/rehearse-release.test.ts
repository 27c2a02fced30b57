import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const published = readdirSync(join(root, 'packages')).map((name) =>
  JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')),
);
const SEEN = [
  ': without an address of the repository nothing is published\n',
  ': broken after ',
  `, again: the rest is published, and all ${published.length} are tagged\n`,
  ', once more: nothing is published twice\n',
];
const REHEARSAL_MILLIS = 600_000;

test(
  'pnpm release:rehearse publishes every package, which npm and pnpm install, and all three frameworks are traced',
  () => {
    const { status, stdout, stderr } = spawnSync('pnpm', ['--silent', 'run', 'release:rehearse'], {
      cwd: root,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    expect(status, stderr).toBe(0);
    const [major, minor] = published[0].version.split('.');
    const next = `${major}.${Number(minor) + 1}.0`;
    for (const { name } of published) {
      expect(stdout).toContain(`✓ pnpm release: ${name} ${next} is published\n`);
    }
    for (const seen of SEEN) expect(stdout).toContain(`✓ pnpm release${seen}`);
    const bins = published.flatMap(({ publishConfig }) => Object.keys(publishConfig.bin ?? {}));
    expect(bins).toContain('tracing-doctor');
    for (const manager of ['npm', 'pnpm']) {
      expect(stdout).toContain(`✓ ${manager} install: all ${published.length} packages\n`);
      for (const library of ['fastify', 'koa', 'express']) {
        expect(stdout).toContain(`✓ ${manager}: ${library}, esm: 3 spans\n`);
        expect(stdout).toContain(`✓ ${manager}: ${library}, cjs: 3 spans\n`);
      }
      for (const bin of bins) expect(stdout).toContain(`✓ ${manager}: ${bin} --help: `);
    }
    expect(stdout).toContain(`✓ The release of ${next} is rehearsed\n`);
  },
  REHEARSAL_MILLIS,
);
