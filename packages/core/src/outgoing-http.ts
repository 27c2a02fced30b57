import { OutgoingTracer } from './outgoing-call.ts';
import { claimCalls, HTTP_SCOPE, UNDICI_SCOPE } from './outgoing-company.ts';
import { traceFetch } from './outgoing-fetch.ts';
import { type OutgoingHttpOptions, readOutgoingHttpOptions } from './outgoing-http-options.ts';
import { traceNodeHttp } from './outgoing-node-http.ts';

/**
 * Traces outgoing calls of this process: `fetch` and undici by its diagnostics channels, `node:http` and
 * `node:https` (which axios, got and node-fetch use) by wrapping `request` and `get` of the modules. Each makes
 * a CLIENT span and carries the propagation headers, unless somebody else has traced that very call.
 *
 * @param options `false` traces none.
 * @param isWelcome Whether upstream's instrumentation of that scope may make the spans in our place. Default: none.
 * @returns Stops the tracing and restores the modules.
 * @throws TypeError when an option is not what it should be.
 */
export function startOutgoingHttp(
  options: OutgoingHttpOptions | boolean = true,
  isWelcome: (scope: string) => boolean = () => false,
): () => void {
  if (options === false) return () => undefined;
  const tracer = new OutgoingTracer(readOutgoingHttpOptions(options === true ? {} : options));
  const stop = [traceFetch(tracer, isWelcome(UNDICI_SCOPE)), traceNodeHttp(tracer)];
  for (const scope of [HTTP_SCOPE, UNDICI_SCOPE] as const) {
    if (!isWelcome(scope)) stop.push(claimCalls(scope));
  }
  return () => {
    for (const step of stop) step();
  };
}
