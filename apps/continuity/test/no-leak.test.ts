import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { SpanKind, trace } from '@opentelemetry/api';
import { startPostgres } from '@org/postgres';
import { initTracing, type SpanRecord } from '@org/tracing-core';
import { expressTracing } from '@org/tracing-express';
import { fastifyTracing } from '@org/tracing-fastify';
import { koaTracing } from '@org/tracing-koa';
import { tracePg } from '@org/tracing-pg';
import { spanCollector } from '@org/tracing-testing';
import express from 'express';
import fastify from 'fastify';
import Koa from 'koa';
import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 120_000 });

const REQUESTS = 10_000;
const AT_ONCE = 150;

/** What a handler does: two queries, of which the second waits for a client of the pool once more. */
type Work = (request: string) => Promise<string>;

/** An application of each framework, whose handlers do the work and answer with the trace that they run in. */
async function applications(work: Work): Promise<readonly RequestListener[]> {
  const fastifyApp = fastify();
  await fastifyApp.register(fastifyTracing);
  for (const path of ['/work/:id', '/health']) fastifyApp.get(path, async ({ url }) => work(url));
  await fastifyApp.ready();

  const koaApp = new Koa();
  koaApp.use(koaTracing());
  koaApp.use(async (context) => {
    context.body = await work(context.url);
  });

  const expressApp = express();
  expressApp.use(expressTracing());
  expressApp.get(['/work/:id', '/health'], async ({ url }, response) => {
    response.send(await work(url));
  });
  return [fastifyApp.routing.bind(fastifyApp), koaApp.callback(), expressApp];
}

async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** 32 hex digits, another for each request. */
const traceIdOf = (index: number): string => `a${index.toString(16).padStart(31, '0')}`;

test(`of ${REQUESTS} interleaved requests over kept connections and an exhausted pool, none sees another's span`, async () => {
  const spans = spanCollector();
  const tracing = initTracing({ serviceName: 'all', spanProcessors: [spans.processor], exporter: 'none' });
  onTestFinished(() => tracing.shutdown());
  onTestFinished(tracePg(pg));
  const database = await startPostgres();
  onTestFinished(() => database.stop());
  const pool = new pg.Pool({ connectionString: database.url, max: 5 });
  onTestFinished(() => pool.end());

  const ports = await Promise.all(
    (
      await applications(async (url) => {
        await pool.query('SELECT $1::text', [url]);
        const before = trace.getActiveSpan();
        await pool.query('SELECT $1::text', [url]);
        const after = trace.getActiveSpan();
        return before === after ? (after?.spanContext().traceId ?? 'none') : 'lost';
      })
    ).map(listen),
  );
  const agents = ports.map(() => new Agent({ keepAlive: true, maxSockets: AT_ONCE / ports.length }));
  onTestFinished(() => agents.forEach((agent) => agent.destroy()));

  async function send(index: number): Promise<string> {
    const which = index % ports.length;
    // Each tenth is a probe, which makes no spans and must not be given those of a neighbour.
    const path = index % 10 === 0 ? '/health' : `/work/${index}`;
    const sent = request({
      port: ports[which],
      host: '127.0.0.1',
      path,
      agent: agents[which],
      headers: { traceparent: `00-${traceIdOf(index)}-b7ad6b7169203331-01` },
    }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return text(response);
  }

  const answers: string[] = [];
  let next = 0;
  async function sendInTurn(): Promise<void> {
    while (next < REQUESTS) {
      const index = next++;
      answers[index] = await send(index);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, sendInTurn));
  await spans.settled();

  const expected = answers.map((_, index) => (index % 10 === 0 ? 'none' : traceIdOf(index)));
  expect(answers.filter((answer, index) => answer !== expected[index])).toEqual([]);

  const byTrace = grouped(spans.spans);
  expect(byTrace.size).toBe(REQUESTS * 0.9);
  const wrong = [...byTrace.values()].filter((all) => {
    const server = all.find(({ kind }) => kind === SpanKind.SERVER);
    const queries = all.filter(({ kind }) => kind === SpanKind.CLIENT);
    return !(
      all.length === 3 &&
      queries.length === 2 &&
      queries.every(({ parentSpanId }) => parentSpanId === server?.spanId)
    );
  });
  expect(wrong).toEqual([]);
});

function grouped(spans: readonly SpanRecord[]): Map<string, SpanRecord[]> {
  const traces = new Map<string, SpanRecord[]>();
  for (const span of spans) {
    const others = traces.get(span.traceId);
    if (others) others.push(span);
    else traces.set(span.traceId, [span]);
  }
  return traces;
}
