// node --import @org/tracing-koa/register server.js
import { createRequire } from 'node:module';

import { type PluginRegistration, registerPlugin, whenLoaded } from '@org/tracing-core/register-hooks';

// Nothing of it imports Koa: where there is none, that would end the process.
import { traceEveryKoa } from './every-koa.ts';

registerPlugin({
  manifest: createRequire(import.meta.url)('../package.json') as PluginRegistration['manifest'],
  library: 'koa',
  start(range) {
    whenLoaded({ name: 'koa', file: 'lib/application.js', range }, traceEveryKoa);
  },
});
