import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

const MODULE = new URL('../dist/open-browser.js', import.meta.url).href;
const ADDRESS = 'http://127.0.0.1:4318/trace/1';

/** A desktop's folder of programs, in which what opens addresses writes them down. */
function desktop(): string {
  const folder = mkdtempSync(join(tmpdir(), 'demo-desktop-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['xdg-open', 'open']) {
    writeFileSync(join(folder, name), `#!/bin/sh\necho "$1" >> ${folder}/opened\n`, {
      mode: 0o755,
    });
  }
  return folder;
}

/** Opens the address in a process with this environment, and waits for its end. */
function open(isTTY: boolean, env: Record<string, string>): SpawnSyncReturns<string> {
  const program = `import { openBrowser } from ${JSON.stringify(MODULE)}; openBrowser('${ADDRESS}', { isTTY: ${isTTY} });`;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    env,
  });
}

test('the page is opened in the browser of a desktop, but not where there is no terminal, and in no CI', async () => {
  const PATH = desktop();
  const changes = watch(PATH);
  open(false, { PATH, DISPLAY: ':0' });
  open(true, { PATH, DISPLAY: ':0', CI: 'true' });
  open(true, { PATH, DISPLAY: ':0' });
  const opened = join(PATH, 'opened');
  const text = (): string => (existsSync(opened) ? readFileSync(opened, 'utf8') : '');
  while (text() === '') await once(changes, 'change');
  changes.close();
  expect(text()).toBe(`${ADDRESS}\n`);
});

test('a desktop without a browser is no trouble', () => {
  const done = open(true, { PATH: join(desktop(), 'none'), DISPLAY: ':0' });
  expect(done).toMatchObject({ status: 0, stdout: '', stderr: '' });
});
