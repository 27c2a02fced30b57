// node --import @org/tracing-express/register server.js
import { createRequire } from 'node:module';

import { type PluginRegistration, registerPlugin, whenLoaded } from '@org/tracing-core/register-hooks';

import { traceEveryExpress } from './every-express.ts';

registerPlugin({
  manifest: createRequire(import.meta.url)('../package.json') as PluginRegistration['manifest'],
  library: 'express',
  start(range) {
    whenLoaded({ name: 'express', file: 'lib/express.js', range }, traceEveryExpress);
  },
});
