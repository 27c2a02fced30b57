import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, onTestFinished, test, vi } from 'vitest';

import { startDemo } from './running-demo.ts';

// Six processes start in each test.
vi.setConfig({ testTimeout: 120_000 });

test('--view shows the traces on a page, with the log lines of every service, until Ctrl-C', async () => {
  const demo = startDemo(['--view', '--port', '0']);
  const stdout = await demo.until(/^ {2}curl .*$/m);
  const [, viewer = '', traceId = ''] =
    /^ {2}(http:\/\/127\.0\.0\.1:\d+)\/trace\/([\da-f]{32})$/m.exec(stdout) ?? [];
  expect(stdout.startsWith(`The viewer is listening on ${viewer}\n`)).toBe(true);
  expect(stdout).not.toMatch(/^trace /m);
  expect((await fetch(`${viewer}/trace/${traceId}`)).headers.get('content-type')).toContain('text/html');
  const [, requestId = ''] = /x-request-id: (\S+)/.exec(stdout) ?? [];

  // Each event says that there is more.
  const events = await fetch(`${viewer}/api/events`);
  const reader = events.body?.getReader();
  for (;;) {
    const answer = await fetch(`${viewer}/api/traces?requestId=${requestId}&sort=spans`);
    const { traces } = (await answer.json()) as { traces: Counts[] };
    const counts = traces.map(({ spanCount, logCount }) => [spanCount, logCount]);
    if (JSON.stringify(counts) === '[[10,4],[4,3]]') break;
    expect((await reader?.read())?.done, `the viewer ended with ${JSON.stringify(counts)}`).toBe(false);
  }
  await reader?.cancel();

  demo.child.kill('SIGINT');
  expect(await demo.ended).toBe(0);
  expect(demo.complaints()).toBe('');
  await demo.folderEmpty();
  expect(demo.survivors()).toBe(false);
  await expect(fetch(viewer)).rejects.toThrow('fetch failed');
});

interface Counts {
  readonly spanCount: number;
  readonly logCount: number;
}

test('--view says that its port is in use, and starts nothing', async () => {
  const server = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const demo = startDemo(['--view', '--port', String(port)]);
  expect(await demo.ended).toBe(1);
  expect(demo.output.stdout).toBe('');
  expect(demo.complaints()).toMatch(
    new RegExp(`^\\nPort ${port} of 127\\.0\\.0\\.1 is in use\\. .*--port <number>`),
  );
});

test('Ctrl-C while --view is starting leaves nothing behind', async () => {
  const demo = startDemo(['--view', '--port', '0']);
  await demo.until(/PostgreSQL is up/);
  demo.child.kill('SIGINT');
  expect(await demo.ended).toBe(130);
  expect(demo.complaints()).toBe('');
  await demo.folderEmpty();
  expect(demo.survivors()).toBe(false);
});

test.each([
  [['--port', '70000'], '--port: expected a whole number from 0 to 65535, got "70000"'],
  [['--port'], '--port: expected a whole number from 0 to 65535, got nothing'],
  [['--view=yes'], 'unknown argument "--view=yes"'],
])('%j is told to be wrong, and the demo exits with 2', async (args, complaint) => {
  const demo = startDemo(args);
  expect(await demo.ended).toBe(2);
  expect(demo.complaints().split('\n')[0]).toBe(complaint);
});
