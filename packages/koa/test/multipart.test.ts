import { text } from 'node:stream/consumers';

import multer from '@koa/multer';
import { trace } from '@opentelemetry/api';
import busboy from 'busboy';
import { expect, test } from 'vitest';

import { koaServer } from './koa-server.ts';

function upload(): RequestInit {
  const body = new FormData();
  body.set('sku', 'anvil');
  body.set('file', new Blob(['a'.repeat(200_000)]), 'a.txt');
  return { method: 'POST', body };
}

const activeSpan = (): unknown => trace.getActiveSpan()?.spanContext().spanId;

test('the span is active after @koa/multer has read fields and files', async () => {
  const { app, spans, get } = koaServer();
  const active: unknown[] = [];
  const files = multer({
    fileFilter(_request, _file, done) {
      active.push(activeSpan());
      done(null, true);
    },
  });
  app.use(files.single('file')).use((context) => {
    active.push(activeSpan());
    context.body = String(context.file.size);
  });
  expect(await (await get('/upload', upload())).text()).toBe('200000');
  const [span] = await spans.waitForTrace({ spanCount: 1 });
  expect(active).toEqual(Array(2).fill(span?.spanId));
});

test('the span is active in the listeners of busboy', async () => {
  const { app, spans, get } = koaServer();
  const active: unknown[] = [];
  app.use(async (context) => {
    const parser = busboy({ headers: context.req.headers });
    const read: Record<string, unknown> = {};
    await new Promise<void>((resolve, reject) => {
      parser.on('field', (name, value) => {
        active.push(activeSpan());
        read[name] = value;
      });
      parser.on('file', (name, file) => {
        active.push(activeSpan());
        void text(file).then((content) => (read[name] = content.length));
      });
      parser.on('close', () => {
        active.push(activeSpan());
        resolve();
      });
      parser.on('error', reject);
      context.req.pipe(parser);
    });
    active.push(activeSpan());
    context.body = read;
  });
  expect(await (await get('/upload', upload())).json()).toEqual({ sku: 'anvil', file: 200_000 });
  const [span] = await spans.waitForTrace({ spanCount: 1 });
  expect(active).toEqual(Array(4).fill(span?.spanId));
});
