import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

import { type Exit, runChild } from './support/child.ts';

const WATCH = `
  import { createRequire } from 'node:module';
  import { pathToFileURL } from 'node:url';
  import { diag } from '@opentelemetry/api';
  import { noteLibrary, registerPlugin, whenLoaded } from '@org/tracing-core/register-hooks';

  const warn = (message) => console.log('told: ' + message.replaceAll(process.env.FOLDER, ''));
  diag.setLogger({ error: warn, warn, info() {}, debug() {}, verbose() {} });
  const require = createRequire(process.env.FOLDER + '/program.js');
  const importFrom = (name) => import(pathToFileURL(require.resolve(name)));
  const thing = { name: 'thing', file: 'lib/main.js', range: '>=1.2 <3' };
  const seen = (exported) => console.log('seen: ' + exported.copy);
`;

/** Runs a program with copies of a library in folders of these names, and gives the lines that it prints. */
async function lines(
  copies: Readonly<Record<string, { name?: string; version: string; source?: string }>>,
  program: string,
): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tracing-libraries-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [copy, { name = 'thing', version, source = `exports.copy = '${copy}';` }] of Object.entries(
    copies,
  )) {
    write(folder, copy, 'package.json', JSON.stringify({ name, version, main: 'lib/main.js' }));
    write(folder, copy, 'lib/main.js', source);
    write(folder, copy, 'lib/other.js', `exports.copy = 'another file';`);
  }
  const child = runChild(`${WATCH}\n${program}\nconsole.log('end');`, {
    FOLDER: folder,
    // That `module.register` is to go.
    NODE_NO_WARNINGS: '1',
  });
  const found: string[] = [];
  for (let line = await child.line(); line !== 'end'; line = await child.line()) found.push(line);
  expect(await child.exit).toEqual({ code: 0, signal: null, stderr: '' } satisfies Exit);
  return found;
}

function write(folder: string, copy: string, file: string, text: string): void {
  const path = join(folder, 'node_modules', copy, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

test('whenLoaded hears of each copy, by require and by import, whatever its folder is called', async () => {
  const found = await lines(
    { thing: { version: '1.2.0' }, thing2: { version: '2.9.9' }, third: { version: '2.0.0' } },
    `whenLoaded(thing, seen);
     require('thing');
     console.log('the same: ' + (require('thing') === (await importFrom('thing')).default));
     await importFrom('thing2');
     require('thing2/lib/other.js');
     await importFrom('third');
     require('third');`,
  );
  expect(found).toEqual(['seen: thing', 'the same: true', 'seen: thing2', 'seen: third']);
});

test('whenLoaded hears of a copy before whoever loads it has it, and of those that are loaded already', async () => {
  const found = await lines(
    { thing: { version: '1.2.0' }, thing2: { version: '2.0.0' } },
    `await importFrom('thing');
     whenLoaded(thing, (exported) => { exported.copy += ', changed'; });
     console.log(require('thing').copy);
     console.log((await importFrom('thing2')).default.copy);`,
  );
  expect(found).toEqual(['thing, changed', 'thing2, changed']);
});

test('whenLoaded leaves other packages alone, and tells of versions that are not known', async () => {
  const found = await lines(
    { thing: { version: '3.0.0' }, other: { name: 'other', version: '1.2.0' }, old: { version: '1.1.9' } },
    `whenLoaded(thing, seen);
     require('other');
     for (const name of ['thing', 'old']) console.log('runs: ' + require(name).copy);`,
  );
  const told = (version: string, folder: string): string =>
    `told: thing ${version} (/node_modules/${folder}/lib/main.js) is not traced: RangeError: known are >=1.2 <3`;
  expect(found).toEqual([told('3.0.0', 'thing'), 'runs: thing', told('1.1.9', 'old'), 'runs: old']);
});

test('what a plugin throws is told, and the library is loaded as ever; what the library throws is thrown', async () => {
  const found = await lines(
    { thing: { version: '1.2.0' }, broken: { version: '1.2.0', source: `throw new Error('of its own');` } },
    `whenLoaded(thing, () => { throw new TypeError('of the plugin'); });
     console.log('runs: ' + require('thing').copy);
     try { require('broken'); } catch (error) { console.log('thrown: ' + error.message); }`,
  );
  expect(found).toEqual([
    'told: thing 1.2.0 (/node_modules/thing/lib/main.js) is not traced: TypeError: of the plugin',
    'runs: thing',
    'thrown: of its own',
  ]);
});

/** Loader hooks in Node's own thread for them, which change nothing. */
const HOOKS = `data:text/javascript,${encodeURIComponent('export const load = (url, context, next) => next(url, context);')}`;

test('whenLoaded hears of each copy beside the loader hooks of others', async () => {
  const found = await lines(
    { thing: { version: '1.2.0' }, thing2: { version: '2.0.0' } },
    `whenLoaded(thing, seen);
     const { register } = await import('node:module');
     register('${HOOKS}');
     await importFrom('thing');
     require('thing2');`,
  );
  expect(found).toEqual(['seen: thing', 'seen: thing2']);
});

test("registerPlugin does nothing in Node's own thread for loader hooks, where --require runs too", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tracing-preload-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const core = fileURLToPath(new URL('../dist/register-hooks.js', import.meta.url));
  const say = (text: string): string => `require('node:fs').writeSync(1, '${text}\\n')`;
  writeFileSync(
    join(folder, 'preload.cjs'),
    `${say('preloaded')};
     const registration = {
       manifest: { name: 'plugin', peerDependencies: { thing: '>=1 <9' } },
       library: 'thing',
       start: () => ${say('started')},
     };
     try {
       require(${JSON.stringify(core)}).registerPlugin(registration);
     } catch (error) {
       // What Node 22 says there of every ES module that is required.
       if (error.code !== 'ERR_METHOD_NOT_IMPLEMENTED') throw error;
     }`,
  );
  const hooks = `import { register } from 'node:module'; register(${JSON.stringify(HOOKS)});`;
  writeFileSync(join(folder, 'hooks.mjs'), hooks);
  writeFileSync(join(folder, 'program.mjs'), `import './other.mjs';`);
  writeFileSync(join(folder, 'other.mjs'), `console.log('end');`);
  const child = runChild(pathToFileURL(join(folder, 'program.mjs')), {
    NODE_OPTIONS: `--require ${folder}/preload.cjs --import ${pathToFileURL(join(folder, 'hooks.mjs')).href}`,
    NODE_NO_WARNINGS: '1',
  });
  const found: string[] = [];
  for (let line = await child.line(); line !== 'end'; line = await child.line()) found.push(line);
  expect(found.toSorted()).toEqual(['preloaded', 'preloaded', 'started']);
  expect((await child.exit).code).toBe(0);
});

test('registerPlugin starts a plugin once, tells of what fails, and sets up tracing once for all', async () => {
  const found = await lines(
    { thing: { version: '1.2.0' } },
    `process.argv[1] = process.env.FOLDER + '/program.js';
     const manifest = { name: 'plugin', peerDependencies: { thing: '>=1 <2' } };
     const start = (range) => console.log('started: ' + range);
     registerPlugin({ manifest, library: 'thing', start });
     registerPlugin({ manifest, library: 'thing', start });
     registerPlugin({ manifest: { ...manifest, name: 'second' }, library: 'thing', start });
     const fails = () => { throw new Error('no luck'); };
     registerPlugin({ manifest: { ...manifest, name: 'third' }, library: 'thing', start: fails });
     registerPlugin({ manifest: { ...manifest, name: 'fourth' }, library: 'nothing', start });`,
  );
  expect(found).toEqual([
    'started: >=1 <2',
    'started: >=1 <2',
    'told: third/register: thing is not traced: Error: no luck',
    'told: fourth/register: nothing is not traced: TypeError: fourth names no versions of nothing',
  ]);
});

const SERVE = `
  const { createServer } = await import('node:http');
  async function serve() {
    const server = createServer((request, response) => response.end());
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address();
    await (await fetch('http://127.0.0.1:' + port)).text();
    server.close();
    server.closeAllConnections();
    return port;
  }
  const manifest = { peerDependencies: { thing: '>=1 <2' } };
  const plugin = (name, start) => registerPlugin({ manifest: { ...manifest, name }, library: 'thing', start });
`;

test('a request that comes before anything is met is told, once for all plugins', async () => {
  const [told, port, ...rest] = await lines(
    {},
    `${SERVE}
     plugin('one', () => {});
     plugin('two', () => {});
     console.log(await serve());
     await serve();`,
  );
  expect(rest).toEqual([]);
  expect(told).toBe(
    `told: a request came to port ${port}, and one/register, two/register have met nothing to trace in this process`,
  );
});

test('nothing is said of a request where something is met, where a copy is told already, or where tracing is off', async () => {
  const met = await lines({}, `${SERVE} plugin('one', () => noteLibrary('thing')); await serve();`);
  expect(met).toEqual([]);
  const old = await lines(
    { thing: { version: '0.9.0' } },
    `${SERVE} plugin('one', (range) => whenLoaded({ ...thing, range }, seen)); require('thing'); await serve();`,
  );
  expect(old).toEqual([expect.stringContaining('is not traced: RangeError: known are >=1 <2')]);
  const off = await lines(
    {},
    `process.env.OTEL_SDK_DISABLED = 'TRUE'; ${SERVE} plugin('one', () => {}); await serve();`,
  );
  expect(off).toEqual([]);
});

test('an explicit import of the package loads nothing of it', async () => {
  const child = runChild(`
    import Module from 'node:module';
    const { load } = Module.prototype;
    await import('@org/tracing-core');
    console.log(Module.prototype.load === load);`);
  expect(await child.line()).toBe('true');
  expect((await child.exit).code).toBe(0);
});
