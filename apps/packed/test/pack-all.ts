import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

import { packPackages } from '../src/pack-packages.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the tarball of each published package, by name. */
    tarballs: Record<string, string>;
  }
}

/** Packs every published package once, for all test files; returns what removes the tarballs. */
export default function packAll({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'tracing-tarballs-'));
  provide('tarballs', packPackages(folder));
  return () => rmSync(folder, { recursive: true });
}
