import { expect, test } from 'vitest';

import { ask, type RawAnswer, runningViewer } from './running-viewer.ts';

const OTLP = JSON.stringify({
  resourceSpans: [
    { scopeSpans: [{ spans: [{ traceId: '1'.repeat(32), spanId: '2'.repeat(16), name: 'planted' }] }] },
  ],
});

/** Every door that a page on another site could try. */
const DOORS = [
  'GET /api/traces',
  'GET /api/events',
  'GET /healthz',
  'GET /',
  'POST /v1/traces',
  'POST /v1/logs',
  'POST /api/import',
  'OPTIONS /v1/traces',
  'OPTIONS /api/traces',
];

function atDoor(viewer: { url: string }, door: string, headers: readonly string[]): Promise<RawAnswer> {
  return ask(viewer, [`${door} HTTP/1.1`, 'Content-Type: application/json', ...headers], OTLP);
}

function expectRefused(answer: RawAnswer, door: string): void {
  expect(answer.status, door).toBe(403);
  expect(JSON.parse(answer.body), door).toEqual({
    error: expect.stringMatching(/^(Host|Origin|Sec-Fetch-Site): /),
  });
  expect(
    Object.keys(answer.headers).filter((name) => name.startsWith('access-control')),
    door,
  ).toEqual([]);
}

test.each([
  ['a name of an attacker that points here', ['Host: attacker.example:4318']],
  ['one that begins like ours', ['Host: localhost.attacker.example']],
  ['one with a user before it', ['Host: localhost@attacker.example']],
  ['one with our name as its port', ['Host: attacker.example:localhost']],
  ['another address', ['Host: 10.0.0.1:4318']],
  ['nothing', ['Host:']],
])('a request whose Host is %s is refused at every door', async (_, headers) => {
  const viewer = await runningViewer();
  for (const door of DOORS) expectRefused(await atDoor(viewer, door, headers), door);
  expect(viewer.store.counts().spans).toBe(0);
});

test('a request without Host is refused, as HTTP/1.0 allows it', async () => {
  const viewer = await runningViewer();
  expect((await ask(viewer, ['GET /api/traces HTTP/1.0'])).status).toBe(403);
});

test.each([
  ['another site', () => 'http://attacker.example'],
  ['null, of a sandboxed frame or a file', () => 'null'],
  ['another port of this machine', () => 'http://localhost:3000'],
  ['the same name by HTTPS', (own: string) => own.replace('http:', 'https:')],
  ['our other name', (own: string) => own.replace('127.0.0.1', 'localhost')],
  ['ours with a path', (own: string) => `${own}/`],
])('a request whose Origin is %s is refused at every door', async (_, origin) => {
  const viewer = await runningViewer();
  const { host } = new URL(viewer.url);
  for (const door of DOORS) {
    expectRefused(await atDoor(viewer, door, [`Host: ${host}`, `Origin: ${origin(viewer.url)}`]), door);
  }
  expect(viewer.store.counts().spans).toBe(0);
});

test.each(['cross-site', 'same-site', 'anything'])(
  'so is one that Sec-Fetch-Site tells to be %s',
  async (site) => {
    const viewer = await runningViewer();
    for (const door of DOORS) {
      expectRefused(await atDoor(viewer, door, ['Host: localhost', `Sec-Fetch-Site: ${site}`]), door);
    }
    expect(viewer.store.counts().spans).toBe(0);
  },
);

test('a link on another site leads to the page, and to the page alone', async () => {
  const viewer = await runningViewer();
  const link = ['Host: localhost', 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate'];
  const followed = [...link, 'Sec-Fetch-Dest: document'];
  expect((await ask(viewer, [`GET /trace/${'1'.repeat(32)} HTTP/1.1`, ...followed])).status).toBe(200);
  expect((await ask(viewer, ['GET /api/traces HTTP/1.1', ...followed])).status).toBe(403);
  expect((await ask(viewer, ['POST / HTTP/1.1', ...followed])).status).toBe(403);
  expect((await ask(viewer, ['GET / HTTP/1.1', ...link, 'Sec-Fetch-Dest: iframe'])).status).toBe(403);
});

test('our own page may read and write, and programs may without any of the headers', async () => {
  const viewer = await runningViewer();
  const { host, port } = new URL(viewer.url);
  const page = [`Host: ${host}`, `Origin: http://${host}`, 'Sec-Fetch-Site: same-origin'];
  for (const headers of [page, ['Host: localhost'], [`Host: LOCALHOST:${port}`], ['Host: [::1]:1234']]) {
    expect((await atDoor(viewer, 'GET /api/traces', headers)).status).toBe(200);
    expect((await atDoor(viewer, 'POST /v1/traces', headers)).status).toBe(200);
    expect((await atDoor(viewer, 'POST /api/import', headers)).status).toBe(200);
  }
});

test('allowHosts adds names', async () => {
  const viewer = await runningViewer({ allowHosts: ['Viewer.local'] });
  const own = ['Host: viewer.local:80', 'Origin: http://viewer.local:80'];
  expect((await atDoor(viewer, 'POST /v1/traces', own)).status).toBe(200);
  expectRefused(await atDoor(viewer, 'GET /', ['Host: other.local']), 'other');
});

test.each(['viewer.local:4318', '192.168.1.5:4318', '[fe80::1]:4318', 'fe80::1', '[fe80::1]'])(
  'an allowed host is a name, and its port is any: %s',
  async (allowed) => {
    const viewer = await runningViewer({ allowHosts: [allowed] });
    const name = allowed === 'fe80::1' ? '[fe80::1]' : allowed.replace(/:4318$/, '');
    for (const host of [name, `${name}:4318`, `${name}:80`]) {
      expect((await atDoor(viewer, 'GET /healthz', [`Host: ${host}`])).status, host).toBe(200);
    }
  },
);

test('who listens on every address is asked by address, and still by no unknown name', async () => {
  const viewer = await runningViewer({ host: '0.0.0.0' });
  expect((await atDoor(viewer, 'GET /healthz', ['Host: 192.168.1.5:4318'])).status).toBe(200);
  expect((await atDoor(viewer, 'GET /healthz', ['Host: [fe80::1]'])).status).toBe(200);
  expectRefused(await atDoor(viewer, 'GET /healthz', ['Host: attacker.example']), 'name');
});

test('by default nobody but this machine reaches it', async () => {
  expect(new URL((await runningViewer()).url).hostname).toBe('127.0.0.1');
});
