import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import { apiAnswers, expectMethod } from './api-answers.ts';
import { health } from './health.ts';
import { answerJson, answerProblem } from './json-answer.ts';
import type { LiveEvents } from './live-events.ts';
import { otlpAnswers } from './otlp-answers.ts';
import { answerPage } from './page-files.ts';
import { requestGuard } from './request-guard.ts';
import { RequestProblem } from './request-problem.ts';
import type { TraceStore } from './trace-store.ts';

export interface ServerParts {
  readonly store: TraceStore;
  readonly live: LiveEvents;
  readonly host: string;
  readonly allowHosts: readonly string[];
  /** Of the built page. */
  readonly pageFolder: string;
}

/** On every answer: nothing of the page comes from elsewhere, and nobody shows it inside of another. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const CONNECTIONS = 512;
/** In which a request's headers must have come, and the request as a whole. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 60_000;
/** An exporter sends every five seconds, and is not to be cut off as it does. */
const KEEP_ALIVE_MS = 30_000;

/** One server for OTLP, the API and the page; every request passes the guard first. */
export function viewerServer({ store, live, host, allowHosts, pageFolder }: ServerParts): Server {
  const guard = requestGuard({ host, allowHosts });
  const answerApi = apiAnswers(store, live);
  const answerOtlp = otlpAnswers(store);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    guard(request);
    const target = request.url ?? '';
    if (!target.startsWith('/')) throw new RequestProblem(400, 'expected a path, got the address of a proxy');
    const url = new URL(`http://viewer${target}`);
    const { pathname } = url;
    if (pathname.startsWith('/v1/')) return answerOtlp(request, response);
    if (pathname.startsWith('/api/')) return answerApi(request, response, url);
    expectMethod(request, 'GET');
    if (pathname === '/healthz') return answerJson(response, health(store.counts()));
    await answerPage(pageFolder, pathname, response);
  }

  const server = createServer(
    { headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS, keepAliveTimeout: KEEP_ALIVE_MS },
    (request, response) => {
      for (const name in HEADERS) response.setHeader(name, HEADERS[name] ?? '');
      answer(request, response).catch((error: unknown) => {
        // What is left of a body that nobody reads is not to hold the connection.
        if (!request.complete && !response.headersSent) response.setHeader('connection', 'close');
        answerProblem(response, error);
      });
    },
  );
  server.maxConnections = CONNECTIONS;
  return server;
}
