import type { IncomingMessage, RequestListener } from 'node:http';

import { trace } from '@opentelemetry/api';

/** The name of a fault. */
export type Leak = 'listener' | 'object' | 'request' | 'span' | 'timer';

/** Faults that are put into a server on purpose, to see that they are found. */
const LEAKS: Readonly<Record<Leak, () => RequestListener>> = {
  /** A small object of each request is kept. */
  object: () => {
    const kept: object[] = [];
    return ({ url }) => void kept.push({ url });
  },
  /** Each request is kept, and so what hangs on it. */
  request: () => {
    const kept: IncomingMessage[] = [];
    return (request) => void kept.push(request);
  },
  /** A span that nobody ends, of each request that was cut off. */
  span: () => (_request, response) => {
    response.on('close', () => {
      if (!response.writableFinished) trace.getTracer('leak').startSpan('left open');
    });
  },
  /** A timer that waits for ever, of each failure; it does not hold the process. */
  timer: () => (_request, response) => {
    response.on('finish', () => {
      if (response.statusCode === 500) setTimeout(() => undefined, 2 ** 30).unref();
    });
  },
  /** A listener on the process, of each failure. */
  listener: () => {
    process.setMaxListeners(0);
    return (_request, response) => {
      response.on('finish', () => {
        if (response.statusCode === 500) process.on('warning', () => undefined);
      });
    };
  },
};

/** The names of all. */
export const LEAK_NAMES: readonly Leak[] = Object.keys(LEAKS) as Leak[];

/** What a server with that fault does at each request; undefined for one without. */
export function leakOf(name: string | undefined): RequestListener | undefined {
  return name === undefined ? undefined : LEAKS[name as Leak]();
}
