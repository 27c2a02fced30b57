import { fileURLToPath } from 'node:url';

import { testRegisteredPlugin } from '@org/tracing-testing/contract';

testRegisteredPlugin({
  plugin: '@org/tracing-express',
  library: 'express',
  versions: ['express4', 'express417', 'express50', 'express52'],
  folder: fileURLToPath(new URL('..', import.meta.url)),
  applications: fileURLToPath(new URL('applications', import.meta.url)),
});
