import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { SpanKind } from '@opentelemetry/api';
import { collectSpans, type SpanCollecting } from '@org/tracing-testing';
import { describe, expect, onTestFinished, test } from 'vitest';

import { traceEveryExpress } from '../src/every-express.ts';
import { versions } from './express-versions.ts';

describe.each(versions)('express $version, traced wherever it is used', ({ express }) => {
  traceEveryExpress(express);

  test('settings that routers are made by hold where they are set before the first route', async () => {
    const app = express();
    app.enable('strict routing');
    app.enable('case sensitive routing');
    app.get('/Strict/', (_request, response) => void response.send('found'));
    const { get } = await served(app);
    expect([await get('/Strict/'), await get('/Strict'), await get('/strict/')]).toEqual([200, 404, 404]);
  });

  test('an application, one that is mounted in it, and a request without a route have one span each', async () => {
    const inner = express();
    inner.get('/items/:id', (_request, response) => void response.send('item'));
    const app = express();
    app.use('/shop', inner);
    const { get, spans } = await served(app);
    expect([await get('/shop/items/1'), await get('/nowhere')]).toEqual([200, 404]);
    await spans.settled();
    expect(spans.spans.map(({ kind, name }) => [SpanKind[kind], name])).toEqual([
      ['SERVER', 'GET /shop/items/:id'],
      ['SERVER', 'GET'],
    ]);
  });

  test('an error is recorded', async () => {
    const app = express();
    app.set('env', 'test');
    app.get('/broken', () => {
      throw new RangeError('no stock');
    });
    const { get, spans } = await served(app);
    expect(await get('/broken')).toBe(500);
    const [span] = await spans.waitForTrace({ spanCount: 1 });
    expect(span).toMatchObject({
      name: 'GET /broken',
      attributes: { 'error.type': '500' },
      events: [{ name: 'exception', attributes: { 'exception.type': 'RangeError' } }],
    });
  });
});

test('what is not Express is refused, and not touched', () => {
  const other = { application: {} };
  expect(() => traceEveryExpress(other)).toThrow(/^express: expected the module/);
  expect(other).toEqual({ application: {} });
});

async function served(
  app: RequestListener,
): Promise<{ get(path: string): Promise<number>; spans: SpanCollecting }> {
  const spans = collectSpans();
  onTestFinished(() => spans.close());
  const server = createServer(app).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { spans, get: async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).status };
}
