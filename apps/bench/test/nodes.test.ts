import { expect, test } from 'vitest';

import { nodeNamed, OWN_NODE } from '../src/nodes.ts';

test('a Node is named by its major version or its path', async () => {
  expect(await nodeNamed(String(process.versions.node.split('.')[0]))).toEqual(OWN_NODE);
  expect(await nodeNamed(process.execPath)).toEqual(OWN_NODE);
});

test('what is no Node is refused with a reason', async () => {
  await expect(nodeNamed('18')).rejects.toThrow('--node: expected one of 20, 22, 24, 26 or a path, got "18"');
  await expect(nodeNamed('/no/such/node')).rejects.toThrow(
    '--node: "/no/such/node" is no Node that runs here',
  );
});
