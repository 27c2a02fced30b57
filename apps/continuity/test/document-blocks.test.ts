import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test, vi } from 'vitest';

import { GIVEN, HELD_ELSEWHERE, UNTYPED } from './document-given.ts';
import { PAGES, ROOT, textOf } from './documents.ts';

const PROGRAMS = ['js', 'javascript', 'mjs', 'cjs', 'ts', 'typescript'];
const SHELL = ['sh', 'bash', 'shell', 'console'];

/** What a shell block may call, and why it is not run here, or where it is. */
const COMMANDS: Readonly<Record<string, string>> = {
  aws: 'needs an account; apps/collector/test/programs/aws.test.ts gives those for ECS to the AWS CLI',
  cd: 'goes with what follows it',
  curl: 'needs the service that the page is about',
  do: 'is of the shell',
  docker: 'needs Docker and a network',
  done: 'is of the shell',
  echo: 'is of the shell',
  eval: 'is of the shell',
  export: 'is of the shell',
  for: 'is of the shell',
  git: 'needs a clone that may be changed',
  jq: 'apps/collector/test/programs/jq.test.ts runs it',
  kubectl: 'needs a cluster',
  mkdir: 'goes with what follows it',
  node: 'needs the application of the reader; apps/packed/test/documents.test.ts runs some',
  npm: 'needs a network, or is what runs these tests; apps/packed/test/documents.test.ts runs some',
  npx: 'apps/packed/test runs the doctor and the viewer; esbuild is what packed-use.test.ts bundles by',
  'otelcol-contrib': 'apps/collector/test/programs runs it where it is installed',
  pnpm: 'is what runs these tests',
  rm: 'goes with what made the files',
  sed: 'apps/collector/test/programs/aws.test.ts runs it',
  wait: 'goes with what precedes it',
  xargs: 'goes with what precedes it',
};

/**
 * What a compiler asks of types that a program of JavaScript cannot state: a property of what may be several things, a
 * text that is one of few, a value that may be null. Names, imports and unknown options are still faults.
 */
const OF_JAVASCRIPT = /\.[mc]js\(.*error TS(?:2322|2339|2345|2531|2532|2551|2769|18046|18047|18048):/;

vi.setConfig({ testTimeout: 120_000 });

/** Every fenced block of the repository; those in lists too, which are indented. */
const blocks = PAGES.flatMap((page) =>
  [...textOf(page).matchAll(/^( *)```(\w+)[^\n]*\n([^]*?)^\1```$/gm)].map(
    ([, , language = '', code = ''], index) => ({
      at: `${page.replaceAll('/', '-').replace(/\.md$/, '')}.${index + 1}`,
      language,
      code,
    }),
  ),
);

test('every block of TypeScript and JavaScript in the documents compiles', () => {
  const programs = blocks.filter(
    ({ at, language }) =>
      PROGRAMS.includes(language) && !Object.hasOwn(HELD_ELSEWHERE, at.replace(/\.\d+$/, '')),
  );
  expect(programs).not.toEqual([]);
  // Below the application, so that what the programs import is found.
  const parent = fileURLToPath(new URL('../dist/', import.meta.url));
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'blocks-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const { at, language, code } of programs) {
    const kind = /\brequire\(/.test(code) && !/^import /m.test(code) ? 'c' : 'm';
    // Behind it, so that lines keep their numbers.
    const text = code + (GIVEN[at] ?? '');
    writeFileSync(join(folder, `${at}.${kind}${language.startsWith('t') ? 'ts' : 'js'}`), text);
  }
  writeFileSync(join(folder, 'untyped.d.ts'), UNTYPED);
  const config = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: {
      noImplicitAny: false,
      useUnknownInCatchVariables: false,
      verbatimModuleSyntax: false,
      moduleDetection: 'auto',
      allowJs: true,
      lib: ['es2024', 'esnext.disposable', 'dom'],
      exactOptionalPropertyTypes: false,
      noUncheckedIndexedAccess: false,
    },
    include: ['./*'],
    exclude: [],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const { stdout, error } = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['--project', folder], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(error).toBeUndefined();
  // Those of the programs and of the configuration; sources, which have stricter settings, are checked elsewhere.
  const faults = stdout
    .split('\n')
    .filter((line) => /^(?!\.\.\/)\S.*error TS/.test(line) && !OF_JAVASCRIPT.test(line));
  expect(faults).toEqual([]);
  const named = new Set(programs.map(({ at }) => at));
  expect(Object.keys(GIVEN).filter((at) => !named.has(at))).toEqual([]);
});

test('every shell block of the documents parses, and calls what is known', () => {
  const shell = blocks.filter(({ language }) => SHELL.includes(language));
  expect(shell).not.toEqual([]);
  for (const { at, code } of shell) {
    const { stderr } = spawnSync('bash', ['-n'], { input: code, encoding: 'utf8' });
    expect(stderr, at).toBe('');
    const unknown = commandsOf(code).filter((command) => !Object.hasOwn(COMMANDS, command));
    expect(unknown, at).toEqual([]);
  }
});

test('no page has npx fetch a command of the kit by its bare name, which on npm may be that of a stranger', () => {
  const bare = PAGES.flatMap((page) => {
    const lines = textOf(page).split('\n');
    return lines
      .filter((line) => /npx (?!--no -- )[^@`]*\btracing-/.test(line))
      .map((line) => `${page}: ${line}`);
  });
  expect(bare).toEqual([]);
});

/** The program of each command, without the variables before it; a continued line is one. */
function commandsOf(code: string): string[] {
  return code
    .replaceAll(/'[^']*'|"[^"]*"/g, "''")
    .replaceAll('\\\n', ' ')
    .replaceAll(/\d?>&\d/g, ' ')
    .split('\n')
    .flatMap((line) => line.replace(/#.*/, '').split(/[|&;()]+/))
    .map((command) => command.trim())
    .filter((command) => command !== '')
    .map((command) => command.replace(/^(?:\w+=\S*\s+)+/, '').split(/\s/, 1)[0] ?? '');
}
