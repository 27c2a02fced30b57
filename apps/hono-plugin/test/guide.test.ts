import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const guide = readFileSync(`${root}/docs/write-a-plugin.md`, 'utf8');

function blocks(language: string): string[] {
  return [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(
    ([, text = '']) => text,
  );
}

function sources(folder: string): string[] {
  const path = `${root}/apps/hono-plugin/${folder}`;
  return readdirSync(path).map((file) => readFileSync(`${path}/${file}`, 'utf8'));
}

test('each block of the guide is part of the plugin, or is run here', () => {
  const all = [...guide.matchAll(/^```(\w+)$/gm)].map(([, language]) => language);
  expect(all).toEqual(['ts', 'ts', 'ts', 'ts', 'ts', 'js', 'text']);
  const files = [...sources('src'), ...sources('test')];
  for (const block of blocks('ts')) {
    // What stands inside of a function there begins at the margin here.
    const inside = block.replaceAll(/^(?=.)/gm, '  ');
    const holds = (file: string): boolean => file.includes(`\n${block}`) || file.includes(`\n${inside}`);
    expect(files.filter(holds), block).toHaveLength(1);
  }
});

test('the plugin has fewer than 100 lines, as many as the guide says', () => {
  const lines = sources('src').join('').split('\n').length - 1;
  expect(lines).toBeLessThan(100);
  expect(guide).toContain(`has ${lines} lines`);
});

test('the guide names every question and every duty of the seam', () => {
  const seam = readFileSync(`${root}/packages/core/src/server-span.ts`, 'utf8');
  const membersOf = (name: string): string[] => {
    const [, body = ''] =
      new RegExp(`^export interface ${name}<Request> \\{\\n([^]*?)^\\}$`, 'm').exec(seam) ?? [];
    return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[(:<]/gm)].map(([, member = '']) => member);
  };
  const inTable = (heading: string): string[] => {
    const [, section = ''] = guide.split(`## ${heading}\n`);
    return [...section.split('\n## ', 1)[0]!.matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name);
  };
  expect(inTable('What core asks').toSorted()).toEqual(membersOf('HttpFramework').toSorted());
  const duties = [...membersOf('HttpServerTracing'), ...membersOf('ServerSpan')];
  expect(inTable('What a plugin does').toSorted()).toEqual(
    duties.filter((name) => name !== 'context').toSorted(),
  );
});

test('the program of the guide draws the trace that stands below it', async () => {
  const [program = ''] = blocks('js');
  const [drawing = ''] = blocks('text');
  const told = "server.once('listening', () => console.log(server.address().port));";
  const child = spawn(process.execPath, ['--input-type=module', '--eval', `${program}${told}`], {
    cwd: `${root}/apps/hono-plugin`,
    // Without a setting of the machine's: the trace is drawn.
    env: { PATH: process.env['PATH'], PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
    child.kill();
    await once(child, 'exit');
  });
  const drawn: string[] = [];
  const whole = new Promise<void>((resolve) => {
    createInterface(child.stderr).on('line', (line) => {
      drawn.push(line);
      if (comparable(drawn.join('\n')).length === comparable(drawing).length) resolve();
    });
  });
  const [port] = (await once(createInterface(child.stdout), 'line')) as [string];
  const answer = await fetch(`http://127.0.0.1:${port}/api/items/7`);
  expect(await answer.text()).toBe('item 7');
  await whole;
  expect(comparable(drawn.join('\n'))).toEqual(comparable(drawing));
});

/** Without what differs from run to run. */
function comparable(drawing: string): string[] {
  return drawing
    .trim()
    .split('\n')
    .map((line) =>
      line
        .replaceAll(/\b[0-9a-f]{32}\b/g, 'ID')
        .replace(/\d+(\.\d+)? ?(µs|ms|s)\b.*/, 'TIME')
        .replaceAll(/ +/g, ' ')
        .trimEnd(),
    );
}
