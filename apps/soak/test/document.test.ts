import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { readArguments } from '../src/arguments.ts';
import { LEAK_NAMES } from '../src/leaks.ts';

const document = readFileSync(new URL('../../../docs/soak.md', import.meta.url), 'utf8');
const [, block = ''] = /^```sh\n([^]*?)^```$/m.exec(document) ?? [];

test('docs/soak.md shows commands that are taken as it says', () => {
  const commands = block
    .trim()
    .split('\n')
    .map((line) => (line.split('#')[0] ?? '').trim().split(' ').slice(2));
  expect(commands.map(readArguments)).toEqual([
    { requests: 1_000_000, plugins: ['fastify', 'koa', 'express', 'pg'], layers: false },
    { requests: 200_000, plugins: ['koa'], layers: false },
    {
      requests: 1_000_000,
      plugins: ['fastify', 'koa', 'express', 'pg'],
      layers: true,
      json: 'figures.json',
    },
    { requests: 20_000, plugins: ['express'], layers: false, leak: 'object' },
  ]);
});

test('docs/soak.md names each fault that can be put in', () => {
  expect(block).toContain(`is a fault found? ${LEAK_NAMES.join(', ')}\n`);
});
