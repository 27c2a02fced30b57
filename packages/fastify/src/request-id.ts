import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import type { HttpServerTracing } from '@org/tracing-core';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** What Fastify counts by default, `req-1`, `req-2`, …: anew in each process, and so no id outside of it. */
const COUNTED = /^req-[\da-z]{1,6}$/;

type GenerateId = (message: IncomingMessage) => unknown;

/** `request.id` by the application's own `genReqId` or `requestIdHeader`; undefined where it is but counted. */
export function ownRequestId({ id }: FastifyRequest): string | undefined {
  // A generator in JavaScript may well give numbers.
  return COUNTED.test(id) ? undefined : String(id);
}

/**
 * Lets `request.id`, and so `reqId` of Fastify's lines, be the id that the request has everywhere else, in place of
 * one that is counted. What the application generates itself stays.
 */
export function shareRequestId(instance: FastifyInstance, tracing: HttpServerTracing<FastifyRequest>): void {
  const { genReqId: generate } = instance as { readonly genReqId?: GenerateId };
  // Fastify before 4.25 has no way to set it; there `request.id` stays counted, beside ours.
  if (typeof generate !== 'function' || typeof instance.setGenReqId !== 'function') return;
  instance.setGenReqId((message) => {
    const own = generate(message) as string;
    return COUNTED.test(own) ? (tracing.broughtRequestId(message) ?? randomUUID()) : own;
  });
}
