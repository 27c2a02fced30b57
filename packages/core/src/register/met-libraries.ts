import { channel } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';

import { say } from '../say.ts';

/** Held by this thread for every copy of this package: the libraries of which something is traced. */
const MET = Symbol.for('@org/tracing.met-libraries');

/** Node's own channel, on which it tells of each request before the server has it. */
const requests = channel('http.server.request.start');

/**
 * Notes that something of a library is traced in this thread, or is told to be left alone: an application of a framework, a
 * copy of a client. That a framework is loaded is not enough, for a plugin may load it by itself.
 */
export function noteLibrary(name: string): void {
  metLibraries().add(name);
}

/**
 * Says so where a server of this thread gets its first request, and no library of a plugin has been met: the service is
 * there, and nothing of it is traced. Programs that serve nothing are left in peace: what they have in `NODE_OPTIONS` is
 * meant for others. npm, a build and a script are such ones.
 *
 * @param plugins Names of all that are registered by then.
 */
export function tellUntracedRequest(plugins: ReadonlySet<string>): void {
  function look(message: unknown): void {
    requests.unsubscribe(look);
    if (metLibraries().size > 0) return;
    const { localPort } = (message as { request: IncomingMessage }).request.socket;
    const registers = [...plugins].map((name) => `${name}/register`).join(', ');
    const have = plugins.size > 1 ? 'have' : 'has';
    say(
      'warn',
      `a request came to port ${localPort}, and ${registers} ${have} met nothing to trace in this process`,
    );
  }
  if (process.env['OTEL_SDK_DISABLED']?.toLowerCase() !== 'true') requests.subscribe(look);
}

function metLibraries(): Set<string> {
  return ((globalThis as { [MET]?: Set<string> })[MET] ??= new Set());
}
