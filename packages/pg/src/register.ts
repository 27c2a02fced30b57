// node --import @org/tracing-pg/register server.js
import { createRequire } from 'node:module';

import {
  noteLibrary,
  type PluginRegistration,
  registerPlugin,
  whenLoaded,
} from '@org/tracing-core/register-hooks';

import { type PgExports, type PgModule, tracePg } from './trace-pg.ts';

registerPlugin({
  manifest: createRequire(import.meta.url)('../package.json') as PluginRegistration['manifest'],
  library: 'pg',
  start(range) {
    const native = new WeakSet();
    whenLoaded({ name: 'pg', file: 'lib/native/index.js', range }, (client) => {
      native.add(client as object);
      throw new TypeError('pg.native is not supported');
    });
    whenLoaded({ name: 'pg', file: 'lib/index.js', range }, (pg) => {
      // NODE_PG_FORCE_NATIVE makes all of pg native, which is told by then.
      if (native.has((pg as PgExports).Client)) return;
      tracePg(pg as PgModule);
      noteLibrary('pg');
    });
  },
});
