import { fileURLToPath } from 'node:url';

import { testRegisteredPlugin } from '@org/tracing-testing/contract';

testRegisteredPlugin({
  plugin: '@org/tracing-fastify',
  library: 'fastify',
  versions: ['fastify4', 'fastify423', 'fastify50'],
  folder: fileURLToPath(new URL('..', import.meta.url)),
  applications: fileURLToPath(new URL('applications', import.meta.url)),
});
