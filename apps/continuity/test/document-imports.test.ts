import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { PAGES, ROOT, textOf } from './documents.ts';

const PLUGINS = ['fastify', 'koa', 'express', 'pg'];

/** Pages whose programs are meant to be tried. Those of `@org/tracing-testing` stand in a project that has tests. */
const FOR_USERS = PAGES.filter((page) =>
  /^(?:README|packages\/(?!testing)\w+\/README|docs\/(?:add-to|from-|http-|logging|messages|request-id|doctor|viewer|zero-code)[\w-]*)\.md$/.test(
    page,
  ),
);

/** The packages that programs of a page import, but for what Node has. */
function importedBy(page: string): readonly string[] {
  const programs = [...textOf(page).matchAll(/^```(?:js|ts)\b[^\n]*\n([^]*?)^```$/gm)];
  const names = programs.flatMap(([, code = '']) =>
    [...code.matchAll(/\bfrom '([^'.]+)'|\brequire\('([^'.]+)'\)/g)].map(
      ([, imported, required]) => imported ?? required ?? '',
    ),
  );
  return [...new Set(names.map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name))].filter(
    (name) => !name.startsWith('node:') && !builtinModules.includes(name),
  );
}

test('what a program of a page imports, a line of the page installs', () => {
  expect(FOR_USERS.length).toBeGreaterThan(15);
  const missing = FOR_USERS.flatMap((page) => {
    const installed = [...textOf(page).matchAll(/\b(?:npm install|pnpm add) ([^`#\n]*)/g)].flatMap(
      ([, names = '']) => names.split(/[\s,]+/).map((name) => name.replace(/(?<=.)@.*$/, '')),
    );
    return importedBy(page).flatMap((name) => (installed.includes(name) ? [] : [`${page}: ${name}`]));
  });
  expect(missing).toEqual([]);
});

test('what programs import from core, every plugin re-exports, as the pages say', () => {
  const used = FOR_USERS.filter((page) => page.startsWith('docs/')).flatMap((page) =>
    [...textOf(page).matchAll(/import \{([^}]*)\} from '@org\/tracing-core'/g)].flatMap(([, names = '']) =>
      names.split(',').map((name) => name.trim()),
    ),
  );
  expect(used).toContain('initTracing');
  for (const plugin of PLUGINS) {
    const index = readFileSync(join(ROOT, 'packages', plugin, 'src/index.ts'), 'utf8');
    const [, names = ''] = /export \{([^}]*)\} from '@org\/tracing-core'/.exec(index) ?? [];
    const exported = names.split(',').map((name) => name.trim());
    expect([...new Set(used)].filter((name) => name !== '' && !exported.includes(name))).toEqual([]);
  }
});
