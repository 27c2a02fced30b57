import { defineConfig, mergeConfig } from 'vitest/config';

import shared from '../../vitest.config.ts';

/** What the oldest pg does otherwise by itself, and so cannot be held to. */
const OTHERWISE = [
  // Its connect() resolves with nothing.
  'connect\\(\\) as a promise makes the CLIENT span pg.connect and gives the client',
  // It has no DatabaseError.
  'a failed query is an error span with its SQLSTATE and one exception event',
  'the callback form fails with the same span',
  // Its pool does not tell a wait that was too long from a connection that was lost.
  'a rejection of pool.connect that nobody handles stays unhandled',
  'an exhausted pool that times out fails the caller',
  'a wait for an exhausted pool that was in vain is an error span',
  // Its rejections have the stack of the socket.
  'the stack of a rejection leads back to the function that asked',
  // Knex asks for pg itself, and gets the newest.
  'Knex',
];

/** The package's tests with the oldest version of pg in place of the newest. */
export default mergeConfig(
  shared,
  defineConfig({
    resolve: { alias: [{ find: /^pg$/, replacement: import.meta.resolve('pg80') }] },
    test: { testNamePattern: new RegExp(`^(?!.*(?:${OTHERWISE.join('|')}))`) },
  }),
);
