import { expect, test } from 'vitest';

import { ask, runningViewer } from './running-viewer.ts';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

test.each(['/', '/map', `/trace/${'4'.repeat(32)}`, `/trace/${'4'.repeat(32)}?span=${'1'.repeat(16)}`])(
  '%s is the page, which loads nothing from elsewhere and is asked for anew',
  async (path) => {
    const { status, headers, body } = await ask(await runningViewer(), [
      `GET ${path} HTTP/1.1`,
      'Host: localhost',
    ]);
    expect(status).toBe(200);
    expect(body).toContain('<title>Traces</title>');
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    });
  },
);

test('a file whose name has a hash may be kept for ever', async () => {
  const answer = await ask(await runningViewer(), [
    'GET /assets/index-abc123.js HTTP/1.1',
    'Host: localhost',
  ]);
  expect(answer).toMatchObject({
    status: 200,
    body: 'export {};',
    headers: {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-security-policy': POLICY,
    },
  });
});

test.each([
  '/../secret.txt',
  '/assets/../../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/assets/..%5c..%5csecret.txt',
  '/..\\secret.txt',
  '//secret.txt',
  '/.hidden.txt',
  '/assets',
  '/assets/',
  '/assets/none.js',
  '/index.html%00.js',
  '/trace/a/b',
  '/other',
])('%s is nothing', async (path) => {
  const { status, body } = await ask(await runningViewer(), [`GET ${path} HTTP/1.1`, 'Host: localhost']);
  expect(status).toBe(404);
  expect(JSON.parse(body)).toEqual({ error: expect.stringContaining('there is nothing at') });
});

test('the address of another server, as proxies are asked, is refused', async () => {
  const answer = await ask(await runningViewer(), [
    'GET http://attacker.example/ HTTP/1.1',
    'Host: localhost',
  ]);
  expect(answer.status).toBe(400);
});

test('the page is read, not written to', async () => {
  const viewer = await runningViewer();
  expect((await ask(viewer, ['POST / HTTP/1.1', 'Host: localhost'])).status).toBe(405);
  const head = await ask(viewer, ['HEAD / HTTP/1.1', 'Host: localhost']);
  expect([head.status, head.body]).toEqual([200, '']);
});
