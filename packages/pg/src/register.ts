// node --import @org/tracing-pg/register server.js
import { createRequire } from 'node:module';

import { type PluginRegistration, registerPlugin, whenLoaded } from '@org/tracing-core/register-hooks';

import { type PgModule, tracePg } from './trace-pg.ts';

registerPlugin({
  manifest: createRequire(import.meta.url)('../package.json') as PluginRegistration['manifest'],
  library: 'pg',
  start(range) {
    whenLoaded({ name: 'pg', file: 'lib/index.js', range }, (pg) => void tracePg(pg as PgModule));
  },
});
