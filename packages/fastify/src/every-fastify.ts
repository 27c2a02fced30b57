import { subscribe } from 'node:diagnostics_channel';

import { callSafely, isSupported, noteLibrary } from '@org/tracing-core/register-hooks';
import type { FastifyInstance } from 'fastify';

import { fastifyTracing } from './fastify-tracing.ts';

/**
 * Traces every application that any copy of Fastify makes from now on, a bundled one too: Fastify tells of each on a
 * channel, before `fastify()` returns.
 *
 * @param range The versions that are traced; another is told by `diag` and left alone.
 */
export function traceEveryFastify(range: string): void {
  subscribe('fastify.initialization', (message) => {
    const { fastify: instance } = message as { fastify: FastifyInstance };
    noteLibrary('fastify');
    callSafely(`Fastify ${instance.version} is not traced`, () => {
      if (!isSupported(instance.version, range)) throw new RangeError(`known are ${range}`);
      instance.register(fastifyTracing);
    });
  });
}
