import type { IncomingMessage, ServerResponse } from 'node:http';

import { facetReader } from './facets.ts';
import { answerJson, readBody } from './json-answer.ts';
import { EVENT_HEADERS, type LiveEvents } from './live-events.ts';
import { byTime, logLine } from './log-api-line.ts';
import { RequestProblem } from './request-problem.ts';
import { serviceMapReader } from './service-map.ts';
import { spanDetail } from './span-detail.ts';
import type { StoredTrace } from './stored-trace.ts';
import { traceDetail } from './trace-detail.ts';
import { IMPORT_LIMIT_BYTES, importTraces, traceFile } from './trace-file.ts';
import { traceLister } from './trace-list.ts';
import { readListRequest } from './trace-query.ts';
import type { TraceStore } from './trace-store.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => void | Promise<void>;

const TRACE = /^\/api\/traces\/([^/]+)(?:\/(?:(otlp|logs)|spans\/([^/]+)))?$/;

/** Answers what stands in `api.ts`. @throws RequestProblem for what it cannot answer. */
export function apiAnswers(store: TraceStore, live: LiveEvents): Answer {
  const list = traceLister(store);
  const facets = facetReader(store);
  const map = serviceMapReader(store);

  const read: Readonly<Record<string, Answer>> = {
    '/api/traces': async (_, response, { searchParams }) => {
      const found = await list(readListRequest(searchParams), () => !response.destroyed);
      if (found) answerJson(response, found);
    },
    '/api/facets': (_, response) => answerJson(response, facets()),
    '/api/map': async (_, response) => answerJson(response, await map()),
    '/api/events': ({ method }, response) => {
      // Events have no end, and who asks for the head alone waits for it.
      if (method === 'HEAD') response.writeHead(200, EVENT_HEADERS).end();
      else live.connect(response);
    },
  };

  return async (request, response, url) => {
    const { pathname } = url;
    if (pathname === '/api/import') {
      expectMethod(request, 'POST');
      const type = request.headers['content-type'] ?? '';
      if (!/^application\/json\s*(?:;|$)/i.test(type)) {
        throw new RequestProblem(415, `content-type: expected application/json, got ${type || 'none'}`);
      }
      return answerJson(response, importTraces(await readBody(request, IMPORT_LIMIT_BYTES), store));
    }
    const answer = read[pathname];
    const [, traceId, part, spanId] = TRACE.exec(pathname) ?? [];
    if (!answer && traceId === undefined)
      throw new RequestProblem(404, `there is no ${pathname.slice(0, 200)}`);
    expectMethod(request, 'GET');
    if (answer) return answer(request, response, url);
    const trace = traceOf(store, traceId ?? '');
    if (part === 'otlp') return answerFile(response, trace);
    if (part === 'logs') return answerJson(response, trace.logs.toSorted(byTime).map(logLine));
    if (spanId === undefined) return answerJson(response, traceDetail(trace, store));
    const span = trace.spans.get(idOf('span id', spanId, 16));
    if (!span) throw new RequestProblem(404, `trace ${trace.traceId} has no span ${spanId} here`);
    return answerJson(response, spanDetail(trace, span, store));
  };
}

/** HEAD is GET without the body, which Node leaves out. */
export function expectMethod({ method = '' }: IncomingMessage, expected: 'GET' | 'POST'): void {
  if (method === expected || (method === 'HEAD' && expected === 'GET')) return;
  const allow = expected === 'GET' ? 'GET, HEAD' : expected;
  throw new RequestProblem(405, `expected ${expected}, got ${method}`, { allow });
}

function traceOf(store: TraceStore, text: string): StoredTrace {
  const trace = store.get(idOf('trace id', text, 32));
  if (trace) return trace;
  throw new RequestProblem(
    404,
    `trace ${text} is not here: it has not come, or had to make room for newer ones`,
  );
}

function idOf(what: string, text: string, length: number): string {
  const id = text.toLowerCase();
  if (id.length === length && /^[0-9a-f]+$/.test(id)) return id;
  throw new RequestProblem(
    400,
    `${what}: expected ${length} hex digits, got ${JSON.stringify(text.slice(0, 200))}`,
  );
}

function answerFile(response: ServerResponse, trace: StoredTrace): void {
  const body = Buffer.from(traceFile(trace));
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': body.length,
    'content-disposition': `attachment; filename="trace-${trace.traceId}.json"`,
    'cache-control': 'no-store',
  });
  response.end(body);
}
