import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What is to be told of the end of a connection. */
const waiting = new WeakMap<object, Set<() => void>>();

/** Whether a response is over, so that it emits no `close` any more. */
export function isResponseOver(
  response: ServerResponse & { readonly stream?: { readonly closed?: boolean } },
): boolean {
  return response.closed || response.stream?.closed === true;
}

/**
 * Tells of a response whose connection closes before its turn has come. The response to a pipelined request has no
 * socket until those before it are sent; where the connection closes first, Node emits nothing on it, whether or not it
 * was ended.
 */
export function whenResponseAbandoned(
  message: IncomingMessage,
  response: ServerResponse,
  abandoned: () => void,
): void {
  // By `Reflect.get`, here and where else a response is asked: V8's caches may not know its shape (early-request.ts).
  if (Reflect.get(response, 'socket') !== null) return;
  const { socket }: { socket?: Partial<EventEmitter> & { readonly destroyed?: boolean } } = message;
  // Adapters make requests without a socket.
  if (typeof socket?.once !== 'function') return;
  const closed = (): void => {
    // Once it has a socket, it closes with that.
    if (response.socket === null) abandoned();
  };
  if (socket.destroyed) {
    closed();
    return;
  }
  const all = waitingOn(socket as EventEmitter);
  all.add(closed);
  // A connection lives on: what is sent in its turn is not held by it.
  response.once('close', () => all.delete(closed));
}

/** One listener for all requests of a connection: Node warns of more than ten. */
function waitingOn(socket: EventEmitter): Set<() => void> {
  const known = waiting.get(socket);
  if (known) return known;
  const all = new Set<() => void>();
  waiting.set(socket, all);
  socket.once('close', () => {
    // What was asked for last is innermost.
    for (const tell of [...all].toReversed()) tell();
  });
  return all;
}
