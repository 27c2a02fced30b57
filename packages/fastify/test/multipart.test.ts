import { text } from 'node:stream/consumers';

import multipart from '@fastify/multipart';
import { trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';

import { fastifyServer } from './fastify-server.ts';

test('the span is active while @fastify/multipart reads fields and files, and after it', async () => {
  const { app, spans, get } = await fastifyServer();
  await app.register(multipart);
  const active: unknown[] = [];
  const note = (): unknown => active.push(trace.getActiveSpan()?.spanContext().spanId);
  app.post('/upload', async (request) => {
    const read: Record<string, unknown> = {};
    for await (const part of request.parts()) {
      note();
      read[part.fieldname] = part.type === 'file' ? await text(part.file) : part.value;
      note();
    }
    return read;
  });

  const body = new FormData();
  body.set('sku', 'anvil');
  body.set('file', new Blob(['a'.repeat(200_000)]), 'a.txt');
  const answer = (await (await get('/upload', { method: 'POST', body })).json()) as Record<string, string>;
  expect([answer['sku'], answer['file']?.length]).toEqual(['anvil', 200_000]);
  const [span] = await spans.waitForTrace({ spanCount: 1 });
  expect(active).toEqual(Array(4).fill(span?.spanId));
});
