import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

const NAMESPACES = 'client|db|error|express|fastify|http|koa|messaging|network|server|url|user_agent';

/** Names of attributes and metrics as the sources write them. A name that ends in a dot is a prefix. */
const IN_SOURCE = new RegExp(`['"\`]((?:${NAMESPACES})\\.[a-z0-9_.]+)(?=['"\`$])`, 'g');

const IN_DOCUMENT = new RegExp(`\`((?:${NAMESPACES})\\.[a-z0-9_.]+)(?:<[a-z]+>)?\``, 'g');

function namesIn(text: string, pattern: RegExp): Set<string> {
  return new Set([...text.matchAll(pattern)].map(([, name = '']) => name));
}

function sources(): string {
  return ['core', 'fastify', 'koa', 'express', 'pg']
    .flatMap((name) => {
      const folder = join(root, 'packages', name, 'src');
      return readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => readFileSync(join(folder, file), 'utf8'));
    })
    .map(withoutComments)
    .map(withoutChannels)
    .join('\n');
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[^]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
}

/** Node names what it tells of in the same way. */
function withoutChannels(source: string): string {
  return source.replaceAll(/(?:subscribe|channel)\('[^']+'/g, '');
}

test('docs/attributes.md names what the sources name, and nothing else', () => {
  const documented = namesIn(readFileSync(join(root, 'docs/attributes.md'), 'utf8'), IN_DOCUMENT);
  const used = namesIn(sources(), IN_SOURCE);
  expect([...used].filter((name) => !documented.has(name))).toEqual([]);
  expect([...documented].filter((name) => !used.has(name))).toEqual([]);
});
