import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ROOT } from './yaml-files.ts';
import type { Mapping } from './yaml-files.ts';

/** A document, and the type that a package has for it. */
export interface TypedDocument {
  readonly document: Mapping;
  /** `kubernetes-models/apps/v1`. */
  readonly module: string;
  /** `IDeployment`. */
  readonly type: string;
}

const TSC = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url));

/** The type of a document of Kubernetes, by its version and kind. */
export function kubernetesDocument(document: Mapping): TypedDocument {
  const { apiVersion, kind } = document;
  return { document, module: `kubernetes-models/${String(apiVersion)}`, type: `I${String(kind)}` };
}

/**
 * What the compiler says of each document, in their order: nothing, where it has all that its type demands, and no property
 * that its type does not know.
 */
export function typeErrors(documents: readonly TypedDocument[]): string[][] {
  // Within the package, so that its dependencies are found.
  mkdirSync(join(ROOT, 'node_modules/.cache'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, 'node_modules/.cache/typed-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'tsconfig.json'), TSCONFIG);
    // One line each: the line of an error tells the document.
    writeFileSync(join(folder, 'documents.ts'), documents.map(sourceOf).join('\n'));
    const { stdout } = spawnSync(process.execPath, [TSC, '--project', folder, '--pretty', 'false'], {
      encoding: 'utf8',
      cwd: folder,
    });
    const errors = [...stdout.matchAll(/^documents\.ts\((\d+),\d+\): error (.*(?:\n .*)*)$/gm)];
    const other = stdout.split('\n').find((line) => /error/.test(line) && !line.startsWith('documents.ts('));
    if (other) throw new Error(other);
    return documents.map((_document, index) =>
      errors.filter(([, line]) => Number(line) === index + 1).map(([, , message = '']) => message),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const TSCONFIG = JSON.stringify({
  compilerOptions: {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    module: 'nodenext',
    target: 'es2023',
    types: [],
  },
  files: ['documents.ts'],
});

function sourceOf({ document, module, type }: TypedDocument, index: number): string {
  return `export const document${index} = ${JSON.stringify(document)} satisfies import(${JSON.stringify(module)}).${type};`;
}
