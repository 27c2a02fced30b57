import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';

import type { HttpServerOptions } from '@org/tracing-core';

/** What the suite has to know of a plugin: how to start a server of its framework. */
export interface HttpServerHarness {
  /** Framework and version, for the title: `koa 3`. */
  readonly name: string;
  /** Instrumentation scope of the plugin's spans. */
  readonly scope: { readonly name: string; readonly version: string };
  /** Whether the framework answers requests without a socket. Default: false. */
  readonly injects?: boolean;
  /** Starts a server on an ephemeral port of 127.0.0.1. */
  start(setup: ServerSetup): Promise<RunningServer>;
}

/** A server to be started, told without any framework. */
export interface ServerSetup {
  /** How often the plugin is registered: once as a rule, 0 for the same server without it. */
  readonly registrations: number;
  /** Options of the plugin; undefined where it is registered without any. */
  readonly options: HttpServerOptions | undefined;
  readonly routes: readonly Route[];
  /**
   * Given the text of every `application/json` body, in the place where the framework parses bodies; what it
   * returns is {@link Exchange.body}. What it throws is answered as the framework answers a broken body.
   * Bodies of `application/octet-stream` are left unread for the handler.
   */
  readonly parseJson: (text: string) => unknown;
  /** Answers for a handler that threw, by the framework's usual way. Undefined: the framework's own answer. */
  readonly onError: ((error: unknown) => Reply) | undefined;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** With parameters as all of the frameworks write them: `/users/:id`. */
  readonly path: string;
  /**
   * Answers with what it returns or throws; with undefined it has taken the raw response over and the
   * framework keeps its hands off.
   */
  readonly handler: (exchange: Exchange) => Reply | undefined | Promise<Reply | undefined>;
}

/** One request and its response. */
export interface Exchange {
  readonly params: Readonly<Record<string, string>>;
  /** What {@link ServerSetup.parseJson} made of the body. */
  readonly body: unknown;
  /** Node's own request. */
  readonly request: IncomingMessage;
  /** Node's own response. */
  readonly response: ServerResponse;
}

export interface Reply {
  /** Default: 200. */
  readonly status?: number;
  readonly body: string | Readable;
}

export interface RunningServer {
  /** Without a slash at the end. */
  readonly url: string;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
  /** Hands over a request that another server of this process has received. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** GET without a socket, where the harness `injects`; resolves with the status. */
  readonly inject?: (path: string) => Promise<number>;
}

/** Listens on an ephemeral port of 127.0.0.1, for a framework that gives a server of Node's. */
export async function listen(server: Server): Promise<RunningServer> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    handle: (request, response) => void server.emit('request', request, response),
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
