import { readFileSync } from 'node:fs';

import { expect, test, vi } from 'vitest';

import { startDemo } from './running-demo.ts';

// Six processes start in each test.
vi.setConfig({ testTimeout: 120_000 });

const README = new URL('../../../README.md', import.meta.url);

/** The lines of the first two drawn traces and of what joins them, without what differs from run to run: ids, times, bars. */
function drawnTraces(stdout: string): string[] {
  const lines = stdout.split('\n');
  const first = lines.findIndex((line) => line.startsWith('trace '));
  const last = lines.findIndex((line) => line.startsWith('request_id '));
  return lines.slice(first, last + 1).map((line) =>
    line
      .replaceAll(/[0-9a-f-]{32,36}|[0-9a-f]{16}/g, 'ID')
      .replace(/\d+(\.\d+)? ?(µs|ms|s)\b.*/, 'TIME')
      .replace(/ +/g, ' ')
      .trim(),
  );
}

test('the demo sends one request and draws its trace and that of its order, each log line beneath the span that wrote it, as the README shows them', async () => {
  const demo = startDemo([]);
  expect(await demo.ended).toBe(0);

  expect(demo.complaints()).toBe('');
  expect(demo.output.stdout).toMatch(
    /^POST http:\/\/127\.0\.0\.1:\d+\/dispatch \{.*\}\n200 \{.*"pieces":12,"order":"[\da-f-]{36}"\}, x-request-id: ([\da-f-]{36})$[^]*^request_id \1 joins/m,
  );
  expect(drawnTraces(demo.output.stdout)).toEqual([
    'trace ID · 10 spans · 3 services · TIME',
    'dispatcher POST /dispatch SERVER TIME',
    '│ · INFO dispatching 2 of anvil',
    'dispatcher └─ POST CLIENT TIME',
    'commander └─ POST /command SERVER TIME',
    '│ · INFO command for 2 of anvil: ship',
    'commander ├─ GET CLIENT TIME',
    'inventory │ └─ GET /stock/:sku SERVER TIME',
    '│ │ · INFO 12 pieces of anvil',
    'inventory │ └─ SELECT stock article CLIENT TIME',
    'commander └─ POST CLIENT TIME',
    'inventory └─ POST /orders SERVER TIME',
    '│ · INFO order for 2 of anvil waits',
    'inventory └─ send orders PRODUCER TIME',
    'inventory └─ INSERT pgboss.job SELECT SELECT pgboss… CLIENT TIME',
    '',
    'trace ID · 4 spans · 2 services · TIME',
    'worker process orders CONSUMER TIME',
    '│ → link to span ID of trace ID',
    '│ · INFO order for 2 of anvil is taken, attempt 1',
    '│ · INFO 2 of anvil are packed',
    'worker └─ GET CLIENT TIME',
    'inventory └─ GET /stock/:sku SERVER TIME',
    '│ · INFO 12 pieces of anvil',
    'inventory └─ SELECT stock article CLIENT TIME',
    '',
    'request_id ID joins 2 traces: all 14 spans and 7 log lines of 4 services',
  ]);
  const [first, , link] = demo.output.stdout.match(/(?<=trace )[0-9a-f]{32}/g) ?? [];
  expect(link, 'the trace that the order has a link to').toBe(first);
  const [, shown = ''] = /```text\n([^]*?)```/.exec(readFileSync(README, 'utf8')) ?? [];
  expect(drawnTraces(shown), 'the trees in the README').toEqual(drawnTraces(demo.output.stdout));
  expect(demo.output.stdout).toContain('npm run demo -- --keep');
  expect(demo.output.stdout).toContain('npm test');
  // Colours are for terminals.
  expect(demo.output.stdout).not.toContain('\u001B');

  await demo.folderEmpty();
  expect(demo.survivors()).toBe(false);
});

test('--keep leaves the services up: its curl line works, each new trace is drawn, and Ctrl-C ends everything', async () => {
  const demo = startDemo(['--keep']);
  const stdout = await demo.until(/^ {2}curl .*$/m);
  const [, url = '', name = '', value = '', body = ''] =
    /^ {2}curl (\S+) -H '([^:]+): ([^']+)' -d '([^']+)'$/m.exec(stdout) ?? [];
  const send = (text: string): Promise<Response> =>
    fetch(url, { method: 'POST', headers: { [name]: value }, body: text });

  expect((await send(body)).status).toBe(200);
  await demo.until(/(^trace [0-9a-f]{32}[^]*){4}\n\n/m);
  expect((await send(body.replace('anvil', 'broken'))).status).toBe(502);
  const all = await demo.until(/(^trace [0-9a-f]{32}[^]*){5}\n\n/m);
  expect(all).toMatch(/relation "stock_of_last_year" does not exist/);
  expect(new Set(all.match(/(?<=^trace )[0-9a-f]{32}/gm)).size).toBe(5);

  demo.child.kill('SIGINT');
  expect(await demo.ended).toBe(0);
  expect(demo.complaints()).toBe('');
  await demo.folderEmpty();
  expect(demo.survivors()).toBe(false);
  await expect(send(body)).rejects.toThrow('fetch failed');
});

test('Ctrl-C while the demo is starting leaves nothing behind either', async () => {
  const demo = startDemo(['--keep']);
  await demo.until(/PostgreSQL is up/);
  demo.child.kill('SIGINT');
  expect(await demo.ended).toBe(130);
  expect(demo.complaints()).toBe('');
  await demo.folderEmpty();
  expect(demo.survivors()).toBe(false);
});

test('an unknown argument shows the usage and exits with 2', async () => {
  const demo = startDemo(['--kep']);
  expect(await demo.ended).toBe(2);
  expect(demo.output.stdout).toBe('');
  expect(demo.complaints()).toMatch(/^unknown argument "--kep"\n\nUsage: npm run demo \[-- --keep \| --view/);
});

test('a part that does not start is named, with its output, and the demo exits with 1', async () => {
  const demo = startDemo([], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
  expect(await demo.ended).toBe(1);
  expect(demo.complaints()).toMatch(
    /^\nPostgreSQL did not start\.\nThe server of DATABASE_URL refused \(.*ECONNREFUSED/,
  );
  expect(demo.survivors()).toBe(false);
});

test('a service that ends while it should stay up is named, with its output, and the demo exits with 1', async () => {
  const demo = startDemo(['--keep']);
  const stdout = await demo.until(/^ {2}curl .*$/m);
  process.kill(Number(/The commander is up .* process (\d+)/.exec(stdout)?.[1]), 'SIGKILL');
  expect(await demo.ended).toBe(1);
  expect(demo.complaints()).toMatch(/^\nThe commander ended \(SIGKILL\)\./);
  await demo.folderEmpty();
  expect(demo.survivors()).toBe(false);
});
