import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:net';

import { say } from '../say.ts';

/** Held by this thread for every copy of this package: the libraries of which something is traced. */
const MET = Symbol.for('@org/tracing.met-libraries');

/** Node's own channel, on which it tells of each server that has begun to listen. */
const LISTENS = 'tracing:net.server.listen:asyncEnd';

/**
 * Notes that something of a library is traced in this thread, or is told to be left alone: an application of a framework, a
 * copy of a client. That a framework is loaded is not enough, for a plugin may load it by itself.
 */
export function noteLibrary(name: string): void {
  metLibraries().add(name);
}

/**
 * Says so where a server begins to listen in this thread and no library of a plugin has been met: the service is there, and
 * nothing of it is traced. Programs that serve nothing are left in peace: what they have in `NODE_OPTIONS` is meant for
 * others. npm, a build and a script are such ones.
 *
 * @param plugins Names of all that are registered by then.
 */
export function tellUntracedServer(plugins: ReadonlySet<string>): void {
  function look(message: unknown): void {
    const address = (message as { server: Server }).server.address();
    // That of a pipe is a text: tools talk to their own processes by one.
    if (typeof address !== 'object' || address === null) return;
    unsubscribe(LISTENS, look);
    if (metLibraries().size > 0) return;
    const registers = [...plugins].map((name) => `${name}/register`).join(', ');
    say(
      'warn',
      `a server listens on port ${address.port}, and ${registers} has met nothing to trace in this process`,
    );
  }
  if (process.env['OTEL_SDK_DISABLED']?.toLowerCase() !== 'true') subscribe(LISTENS, look);
}

function metLibraries(): Set<string> {
  return ((globalThis as { [MET]?: Set<string> })[MET] ??= new Set());
}
