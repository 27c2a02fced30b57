import { text } from 'node:stream/consumers';

import { trace } from '@opentelemetry/api';
import busboy from 'busboy';
import multer from 'multer';
import { describe, expect, test } from 'vitest';

import { expressServer } from './express-server.ts';
import { versions } from './express-versions.ts';

function upload(): RequestInit {
  const body = new FormData();
  body.set('sku', 'anvil');
  body.set('file', new Blob(['a'.repeat(200_000)]), 'a.txt');
  return { method: 'POST', body };
}

const activeSpan = (): unknown => trace.getActiveSpan()?.spanContext().spanId;

describe.each(versions)('express $version', ({ express }) => {
  test('the span is active after multer has read fields and files', async () => {
    const { app, spanOf } = expressServer(express);
    const active: unknown[] = [];
    const files = multer({
      fileFilter(_request, _file, done) {
        active.push(activeSpan());
        done(null, true);
      },
    });
    app.post('/upload', files.single('file'), (request, response) => {
      active.push(activeSpan(), request.file?.size, (request.body as { sku?: string }).sku);
      response.end();
    });
    const { spanId } = await spanOf('/upload', upload());
    expect(active).toEqual([spanId, spanId, 200_000, 'anvil']);
  });

  test('the span is active in the listeners of busboy', async () => {
    const { app, spanOf } = expressServer(express);
    const active: unknown[] = [];
    app.post('/upload', (request, response) => {
      const parser = busboy({ headers: request.headers });
      parser.on('field', () => active.push(activeSpan()));
      parser.on('file', (_name, file) => {
        active.push(activeSpan());
        void text(file).then(() => active.push(activeSpan()));
      });
      parser.on('close', () => {
        active.push(activeSpan());
        response.end();
      });
      request.pipe(parser);
    });
    const { spanId } = await spanOf('/upload', upload());
    expect(active).toEqual(Array(4).fill(spanId));
  });
});
