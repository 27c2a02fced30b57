// node --import @org/tracing-koa/register server.js
import { createRequire } from 'node:module';

import { type PluginRegistration, registerPlugin, whenLoaded } from '@org/tracing-core/register-hooks';

import type * as EveryKoa from './every-koa.ts';

const require = createRequire(import.meta.url);

registerPlugin({
  manifest: require('../package.json') as PluginRegistration['manifest'],
  library: 'koa',
  start(range) {
    let plugin: typeof EveryKoa | undefined;
    let failure: unknown;
    try {
      // An import would end the process where there is no Koa.
      plugin = require('./every-koa.js') as typeof EveryKoa;
    } catch (error) {
      // Of interest only where the application has one, elsewhere.
      failure = error;
    }
    whenLoaded({ name: 'koa', file: 'lib/application.js', range }, (koa) => {
      if (plugin === undefined) throw failure;
      plugin.traceEveryKoa(koa);
    });
  },
});
