import { createRequire } from 'node:module';

import express from 'express';
import express4 from 'express4';
import express417 from 'express417';
import express50 from 'express50';
import express52 from 'express52';

export type Express = typeof express;

/** Each brings another router: 2.3, which keeps its paths; 2.2 and 2.0, which do not; Express 4's own. */
export const versions: readonly { readonly version: string; readonly express: Express }[] = [
  { version: '5.3', express },
  { version: '5.2', express: express52 },
  { version: '5.0', express: express50 },
  { version: '4', express: express4 },
  { version: '4.17', express: express417 },
];

const require = createRequire(import.meta.url);
const aliases: Readonly<Record<string, string>> = {
  '5.3': 'express',
  '5.2': 'express52',
  '5.0': 'express50',
  '4': 'express4',
  '4.17': 'express417',
};

/** A copy of Express whose routers nobody has followed yet, as at the start of a process. */
export function freshExpress(version: string): Express {
  for (const file of Object.keys(require.cache)) {
    if (/[/\\]node_modules[/\\](express|router)[/\\]/.test(file)) delete require.cache[file];
  }
  return require(aliases[version] ?? 'express') as Express;
}
