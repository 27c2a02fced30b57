import { expect, test } from 'vitest';

import { readArguments } from '../src/arguments.ts';

const NAMES = ['fastify-get', 'chain'];
const NOTHING = { quick: false, only: [], node: undefined, draw: false, record: false };

test('the command line chooses scenarios, a size and a Node', () => {
  expect(readArguments([], NAMES)).toEqual(NOTHING);
  expect(readArguments(['--', '--quick', '--only', 'chain', '--only', 'fastify-get'], NAMES)).toEqual({
    ...NOTHING,
    quick: true,
    only: ['chain', 'fastify-get'],
  });
  expect(readArguments(['--node', '26'], NAMES)).toEqual({ ...NOTHING, node: '26' });
  expect(readArguments(['--draw'], NAMES)).toEqual({ ...NOTHING, draw: true });
  expect(readArguments(['--record', '--node', '26'], NAMES)).toEqual({
    ...NOTHING,
    record: true,
    node: '26',
  });
});

test.each([
  [['--only', 'chains'], '--only: expected one of fastify-get, chain, got "chains"'],
  [['--only'], '--only: expected one of fastify-get, chain, got ""'],
  [['--node'], '--node: expected a major version or a path, got ""'],
  [['--node', '--quick'], '--node: expected a major version or a path, got "--quick"'],
  [['--fast'], 'unknown argument "--fast"'],
  [['--draw', '--quick'], '--draw goes with no other argument'],
  [['--record', '--only', 'chain'], '--record goes with --node alone'],
])('%j is refused with a reason', (given, reason) => {
  expect(() => readArguments(given, NAMES)).toThrow(new TypeError(reason));
});
