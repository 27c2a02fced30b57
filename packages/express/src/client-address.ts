import { type IncomingHttpHeaders, IncomingMessage } from 'node:http';

import type { ExpressRequest } from './router-shape.ts';

/**
 * The client's address by the application's `trust proxy`; undefined where it is the peer's. Express looks it up anew
 * each time, which costs half as much as a span, and finds the socket's where no proxy has named a client.
 */
export function clientAddress(request: ExpressRequest, headers: IncomingHttpHeaders): string | undefined {
  return headers['x-forwarded-for'] === undefined && hasExpressIp(request) ? undefined : request.ip;
}

/** By the prototype of their requests, of which each application has one; what it defines, it does before it is asked. */
const known = new WeakMap<object, boolean>();

/** Whether `request.ip` is what Express makes of it: an application may define its own, for all requests or for one. */
function hasExpressIp(request: ExpressRequest): boolean {
  if (Object.hasOwn(request, 'ip')) return false;
  const prototype = Object.getPrototypeOf(request) as object;
  let isOfExpress = known.get(prototype);
  if (isOfExpress === undefined) {
    isOfExpress = inheritsExpressIp(prototype);
    known.set(prototype, isOfExpress);
  }
  return isOfExpress;
}

function inheritsExpressIp(prototype: object): boolean {
  let owner: object | null = prototype;
  while (owner && !Object.hasOwn(owner, 'ip')) owner = Object.getPrototypeOf(owner) as object | null;
  if (owner === null || Object.getPrototypeOf(owner) !== IncomingMessage.prototype) return false;
  // An application may have defined it there too. Where its text has been changed by a bundler, it is asked.
  return /\bproxyaddr\(/.test(String(Object.getOwnPropertyDescriptor(owner, 'ip')?.get));
}
