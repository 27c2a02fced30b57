import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What is to be told of the end of a connection. */
const waiting = new WeakMap<object, Set<() => void>>();

/** Whether a response is over, so that it emits no `close` any more. */
export function isOver(
  response: ServerResponse & { readonly stream?: { readonly closed?: boolean } },
): boolean {
  return response.closed || response.stream?.closed === true;
}

/**
 * Tells of a response whose connection closes before its turn has come. The response to a pipelined request has no
 * socket until those before it are sent; where the connection closes first, Node emits nothing on it, whether or not it
 * was ended.
 *
 * @returns Forgets it; undefined for a response that has a socket, or never gets one.
 */
export function whenAbandoned(
  message: IncomingMessage,
  response: ServerResponse,
  abandoned: () => void,
): (() => void) | undefined {
  if (response.socket !== null) return undefined;
  const { socket }: { socket?: Partial<EventEmitter> & { readonly destroyed?: boolean } } = message;
  // Adapters make requests without a socket.
  if (typeof socket?.once !== 'function') return undefined;
  const closed = (): void => {
    // Once it has a socket, it closes with that.
    if (response.socket === null) abandoned();
  };
  if (socket.destroyed) {
    closed();
    return undefined;
  }
  let all = waiting.get(socket);
  if (all === undefined) {
    // One listener for all requests of the connection: Node warns of more than ten.
    const told = new Set<() => void>();
    all = told;
    waiting.set(socket, told);
    socket.once('close', () => {
      for (const tell of told) tell();
    });
  }
  all.add(closed);
  return () => void all.delete(closed);
}
