import { once } from 'node:events';
import http, { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

import { type Attributes, SpanKind } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SamplingDecision,
  type Span,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { startPostgres } from '@org/postgres';
import { initTracing } from '@org/tracing-core';
import { koaTracing } from '@org/tracing-koa';
import { tracePg } from '@org/tracing-pg';
import Koa from 'koa';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';

/** What tells one span of the test from another. */
function pathOf(attributes: Attributes): string {
  return String(attributes['url.path'] ?? attributes['url.full'] ?? attributes['db.query.summary']);
}

/** A Koa service until the test has finished; gives its URL. */
async function serve(middleware: Koa.Middleware): Promise<string> {
  const app = new Koa();
  app.use(koaTracing());
  app.use(middleware);
  const handle = app.callback();
  const server = createServer((request, response) => void handle(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a sampler, a processor and an exporter of the user work with every span that the kit makes', async () => {
  const asked: [kind: SpanKind, attributes: Attributes][] = [];
  const sampler: Sampler = {
    shouldSample(_context, _traceId, _name, kind, attributes) {
      asked.push([kind, { ...attributes }]);
      // One of the calls is not wanted, on either side.
      const unwanted = pathOf(attributes).endsWith('/unwanted');
      return {
        decision: unwanted ? SamplingDecision.NOT_RECORD : SamplingDecision.RECORD_AND_SAMPLED,
        attributes: { sampled: 'by hand' },
      };
    },
    toString: () => 'by hand',
  };
  const started: Span[] = [];
  const ended: ReadableSpan[] = [];
  const processor: SpanProcessor = {
    onStart(span) {
      span.setAttribute('processed', span.kind);
      started.push(span);
    },
    onEnd: (span) => void ended.push(span),
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  const exporter = new InMemorySpanExporter();
  const tracing = initTracing({ sampler, exporter, spanProcessors: [processor], logLevel: 'none' });
  onTestFinished(() => tracing.shutdown());

  await using database = await startPostgres();
  const client = new pg.Client({ connectionString: database.url });
  tracePg(pg);
  await client.connect();
  onTestFinished(() => client.end().catch(() => undefined));
  const next = await serve((ctx) => {
    ctx.body = 'next';
  });
  const url = await serve(async (ctx) => {
    await (await fetch(`${next}/fetch`)).text();
    await (await fetch(`${next}/unwanted`)).text();
    const [response] = (await once(http.get(`${next}/http`), 'response')) as [http.IncomingMessage];
    await response.toArray();
    await client.query('SELECT 1 AS one');
    ctx.body = 'done';
  });
  asked.length = 0;
  await (await fetch(url)).text();
  await tracing.forceFlush();
  await client.end();

  const spans = exporter.getFinishedSpans().filter(({ name }) => name !== 'pg.connect');
  const wanted = ['/', '/fetch', '/http', 'SELECT', `${next}/fetch`, `${next}/http`];
  expect(spans.map(({ attributes }) => pathOf(attributes)).toSorted()).toEqual(wanted);
  // What was known at the start, the sampler has been told.
  expect(asked.map(([, attributes]) => pathOf(attributes)).toSorted()).toEqual(
    [...wanted, '/unwanted', `${next}/unwanted`].toSorted(),
  );
  const described = { [SpanKind.SERVER]: 'url.path', [SpanKind.CLIENT]: 'server.address' };
  for (const [kind, attributes] of asked) {
    expect(attributes).toHaveProperty([described[kind as SpanKind.CLIENT | SpanKind.SERVER]]);
  }
  for (const { kind, attributes } of spans) {
    expect(attributes).toMatchObject({ sampled: 'by hand', processed: kind });
  }
  expect(ended).toHaveLength(started.length);
});

test('a request of which somebody else opened the span, aborted by its client, says so (E12)', async () => {
  const exporter = new InMemorySpanExporter();
  const tracing = initTracing({
    exporter,
    instrumentations: [new HttpInstrumentation({ disableOutgoingRequestInstrumentation: true })],
    logLevel: 'none',
  });
  onTestFinished(() => tracing.shutdown());
  // Theirs waits for somebody to require it.
  createRequire(import.meta.url)('http');
  const controller = new AbortController();
  let close = (): void => undefined;
  const over = new Promise<void>((resolve) => (close = resolve));
  const url = await serve(async (ctx) => {
    ctx.res.once('close', () => setImmediate(close));
    controller.abort();
    await over;
  });
  await fetch(`${url}/slow`, { signal: controller.signal }).catch(() => undefined);
  await over;
  await tracing.forceFlush();
  const servers = exporter.getFinishedSpans().filter(({ kind }) => kind === SpanKind.SERVER);
  expect(
    servers.map(({ instrumentationScope, attributes }) => [
      instrumentationScope.name,
      attributes['error.type'],
    ]),
  ).toEqual([['@opentelemetry/instrumentation-http', 'aborted']]);
});
