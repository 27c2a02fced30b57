import { channel } from 'node:diagnostics_channel';

import { diag, trace } from '@opentelemetry/api';
import { collectSpans } from '@org/tracing-testing';
import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';

import { traceEveryFastify } from '../src/every-fastify.ts';
import { fastifyTracing } from '../src/index.ts';
import { fastifyVersions } from './fastify-server.ts';

traceEveryFastify('>=4.23 <6');

function warnings(): string[] {
  const said: string[] = [];
  const nothing = (): void => undefined;
  const logger = { error: nothing, info: nothing, debug: nothing, verbose: nothing };
  diag.setLogger({ ...logger, warn: (message) => void said.push(message) });
  onTestFinished(() => diag.disable());
  return said;
}

test('applications of several versions in one process are traced, before the first hook of each', async () => {
  const spans = collectSpans();
  onTestFinished(() => spans.close());
  for (const [version, create] of Object.entries(fastifyVersions)) {
    const app = create();
    onTestFinished(() => app.close());
    let active: unknown;
    app.addHook('onRequest', async () => {
      active = trace.getActiveSpan();
    });
    app.get('/items/:id', async () => 'item');
    await app.inject('/items/1');
    expect(active, version).toBeDefined();
  }
  await spans.settled();
  expect(spans.spans.map(({ name }) => name)).toEqual(
    Object.keys(fastifyVersions).map(() => 'GET /items/:id'),
  );
});

test('a version that is not known is told, and left alone', () => {
  const said = warnings();
  const instance = { version: '6.0.0' };
  channel('fastify.initialization').publish({ fastify: instance });
  expect(said).toEqual(['Fastify 6.0.0 is not traced: RangeError: known are >=4.23 <6']);
  expect(instance).toEqual({ version: '6.0.0' });
});

test('the options of an application that registers the plugin by itself do not count, which is told', async () => {
  const said = warnings();
  const spans = collectSpans();
  onTestFinished(() => spans.close());
  const app = fastify();
  onTestFinished(() => app.close());
  await app.register(fastifyTracing, { excludedUrls: ['^/items'] });
  app.get('/items/:id', async () => 'item');
  await app.inject('/items/1');
  await spans.settled();
  expect(spans.spans.map(({ name }) => name)).toEqual(['GET /items/:id']);
  expect(said).toEqual([
    expect.stringContaining(
      'is registered for requests that an earlier registration of @org/tracing-fastify traces',
    ),
  ]);
});
