/** Where the application's own tracer provider comes from. */
export interface OwnSdk {
  /** The package that has it. */
  readonly from: string;
  /** The name of the class of providers. */
  readonly provider: string;
  /** An expression for the processor that hands each ended span to `exporter`. */
  readonly processor: string;
}

/**
 * The source of a service that sets up its own provider, by this SDK, and no `initTracing`. Fastify, Koa and
 * Express answer `GET /<framework>/:id` with what a query said, asked within a span of the application's own.
 * Each span that ends is a line of JSON on stderr.
 */
export function ownProviderService({ from, provider, processor }: OwnSdk): string {
  return `
import http from 'node:http';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { ${provider}, SimpleSpanProcessor } from '${from}';
import { Router } from '@koa/router';
import { expressTracing } from '@org/tracing-express';
import { fastifyTracing } from '@org/tracing-fastify';
import { koaTracing } from '@org/tracing-koa';
import { tracePg } from '@org/tracing-pg';
import express from 'express';
import fastify from 'fastify';
import Koa from 'koa';
import pg from 'pg';

const exporter = {
  export(spans, done) {
    for (const span of spans) {
      const { traceId, spanId } = span.spanContext();
      const parentSpanId = span.parentSpanContext?.spanId;
      console.error(JSON.stringify({ name: span.name, kind: span.kind, traceId, spanId, parentSpanId }));
    }
    done({ code: 0 });
  },
  async forceFlush() {},
  async shutdown() {},
};
trace.setGlobalTracerProvider(new ${provider}({ spanProcessors: [${processor}] }));
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

tracePg(pg);
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });

function answer(id) {
  return trace.getTracer('application').startActiveSpan('own span', async (span) => {
    const { rows } = await pool.query("SELECT 'item ' || $1 AS text", [id]);
    span.end();
    return rows[0].text;
  });
}

const fastifyApp = fastify();
await fastifyApp.register(fastifyTracing);
fastifyApp.get('/fastify/:id', (request) => answer(request.params.id));
await fastifyApp.ready();

const koaApp = new Koa();
const router = new Router();
router.get('/koa/:id', async (context) => {
  context.body = await answer(context.params.id);
});
koaApp.use(koaTracing()).use(router.routes());
const koaHandler = koaApp.callback();

const expressApp = express();
expressApp.use(expressTracing());
expressApp.get('/express/:id', async (request, response) => {
  response.send(await answer(request.params.id));
});

const server = http.createServer((request, response) => {
  if (request.url.startsWith('/koa')) koaHandler(request, response);
  else if (request.url.startsWith('/express')) expressApp(request, response);
  else fastifyApp.routing(request, response);
});
server.listen(0, '127.0.0.1', () => console.log('listening on http://127.0.0.1:' + server.address().port));
`;
}
