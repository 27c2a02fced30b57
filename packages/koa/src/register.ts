// node --import @org/tracing-koa/register server.js
import { createRequire } from 'node:module';

import { type PluginRegistration, registerPlugin, whenLoaded } from '@org/tracing-core/register-hooks';

import type * as EveryKoa from './every-koa.ts';

const require = createRequire(import.meta.url);

registerPlugin({
  manifest: require('../package.json') as PluginRegistration['manifest'],
  library: 'koa',
  start(range) {
    // An import would end the process where there is no Koa.
    const { traceEveryKoa } = require('./every-koa.js') as typeof EveryKoa;
    whenLoaded({ name: 'koa', file: 'lib/application.js', range }, traceEveryKoa);
  },
});
