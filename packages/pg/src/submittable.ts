import { type Context, context } from '@opentelemetry/api';

import type { Method } from './patch.ts';
import type { RunningQuery } from './running-query.ts';

/** Through these pg's client hands a query what the server sent; listeners and callbacks run inside them. */
const HANDLERS = ['handleDataRow', 'handlePortalSuspended', 'handleReadyForQuery', 'handleError'] as const;

type Submittable = Partial<Record<(typeof HANDLERS)[number], Method>> & {
  /** The error of a row that could not be parsed: pg passes it to `handleError` when the server is ready. */
  readonly _canceledDueToError?: unknown;
};

/**
 * Watches a query object (`Cursor`, `QueryStream`, `new pg.Query`, a COPY stream) to its end: the server is ready for
 * the next query, it has sent an error, or the connection is lost. Until then the object's listeners and callbacks
 * run in `caller`, not in the context of whoever opened the connection.
 */
export function watchSubmittable(submittable: Submittable, caller: Context, query: RunningQuery): void {
  const restore: (() => void)[] = [];

  function onCall(name: string, argument: unknown): void {
    const unparsable = submittable._canceledDueToError;
    if (name === 'handleError') query.fail(unparsable || argument);
    else if (name === 'handleReadyForQuery' && !unparsable) query.succeed();
    else return;
    for (const step of restore.splice(0)) step();
  }

  for (const name of HANDLERS) {
    const original = submittable[name];
    if (original === undefined) continue;
    const own = Object.getOwnPropertyDescriptor(submittable, name);
    const watched: Method = function (...args) {
      onCall(name, args[0]);
      return context.with(caller, original, this, ...args);
    };
    if (!Reflect.defineProperty(submittable, name, { value: watched, configurable: true, writable: true }))
      continue;
    restore.push(() => {
      if (own) Object.defineProperty(submittable, name, own);
      else Reflect.deleteProperty(submittable, name);
    });
  }
  // What cannot be watched gets a short span rather than one without an end.
  if (restore.length === 0) query.succeed();
}
