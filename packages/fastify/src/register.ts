// node --import @org/tracing-fastify/register server.js
import { createRequire } from 'node:module';

import { type PluginRegistration, registerPlugin } from '@org/tracing-core/register-hooks';

import { traceEveryFastify } from './every-fastify.ts';

registerPlugin({
  manifest: createRequire(import.meta.url)('../package.json') as PluginRegistration['manifest'],
  library: 'fastify',
  start: traceEveryFastify,
});
