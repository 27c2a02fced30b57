import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

const LOGGERS = new URL('../dist/alone/loggers.js', import.meta.url).href;
/** The peers are not needed for what the kit and Node have themselves. */
const OWN = fileURLToPath(new URL('../package.json', import.meta.url));

function lineOf(logger: string): unknown {
  const source = `import { LOGGERS } from '${LOGGERS}'; LOGGERS['${logger}']('${OWN}')();`;
  const args = ['--input-type=module', '--eval', source];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

test("the kit's line and the one by hand say the same, the kit's with ids", () => {
  expect(lineOf('console.log of JSON')).toMatchObject({ msg: 'order accepted', sku: 'anvil', pieces: 2 });
  expect(lineOf('console, kit')).toMatchObject({
    message: 'order accepted',
    sku: 'anvil',
    pieces: 2,
    trace_id: '0'.repeat(32),
  });
});
