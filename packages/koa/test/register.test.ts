import { fileURLToPath } from 'node:url';

import { testRegisteredPlugin } from '@org/tracing-testing/contract';

testRegisteredPlugin({
  plugin: '@org/tracing-koa',
  library: 'koa',
  versions: ['koa2', 'koa23', 'koa30'],
  folder: fileURLToPath(new URL('..', import.meta.url)),
  applications: fileURLToPath(new URL('applications', import.meta.url)),
});
