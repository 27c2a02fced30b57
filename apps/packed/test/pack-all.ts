import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the tarball of each published package, by name. */
    tarballs: Record<string, string>;
  }
}

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Packs every published package once, for all test files; returns what removes the tarballs. */
export default function packAll({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'tracing-tarballs-'));
  execFileSync('pnpm', ['--recursive', '--filter', './packages/*', 'pack', '--pack-destination', folder], {
    cwd: root,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const manifests: { name: string; version: string }[] = readdirSync(join(root, 'packages')).map((name) =>
    JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')),
  );
  provide(
    'tarballs',
    Object.fromEntries(
      manifests.map(({ name, version }) => [
        name,
        join(folder, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`),
      ]),
    ),
  );
  return () => rmSync(folder, { recursive: true });
}
