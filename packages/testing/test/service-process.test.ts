import { once } from 'node:events';
import { connect } from 'node:net';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

import { type ServiceOptions, type ServiceProcess, startService } from '../src/index.ts';

const entry = fileURLToPath(new URL('fixtures/service.mjs', import.meta.url));

async function service(options: Partial<ServiceOptions> = {}): Promise<ServiceProcess> {
  const started = await startService({ entry, ...options });
  onTestFinished(() => started[Symbol.asyncDispose]());
  return started;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('a service is there when its start resolves, at the address that it printed', async () => {
  const { url, stdout } = await service();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(stdout).toBe(`listening on ${url}\n`);
  expect((await fetch(url)).status).toBe(200);
});

test('its JSON lines on stderr are parsed and waited for; others stay in the text', async () => {
  const { url, logs, waitForLog, stderr } = await service({ env: { GREETING: 'hello' } });
  const wanted = waitForLog((line) => line['message'] === 'request /later');
  await fetch(`${url}/later`);
  expect(await wanted).toEqual({ message: 'request /later', greeting: 'hello' });
  expect(logs).toEqual([{ message: 'request /later', greeting: 'hello' }]);
  expect(stderr).toContain('not JSON\n');
});

test('each line on stderr is handed on as it comes', async () => {
  const lines: string[] = [];
  const { url, waitForLog } = await service({ onStderrLine: (line) => lines.push(line) });
  const wanted = waitForLog((line) => line['message'] === 'request /later');
  await fetch(`${url}/later`);
  await wanted;
  expect(lines).toEqual(['not JSON', '{"message":"request /later"}']);
});

test('stop sends SIGTERM, waits for the exit and keeps the last lines', async () => {
  const { pid, logs, stop } = await service();
  expect(await stop()).toEqual({ code: 0, signal: null });
  expect(isAlive(pid)).toBe(false);
  expect(logs).toHaveLength(500);
  expect(logs.at(-1)).toEqual({ message: 'bye 500' });
});

test('stopping again, or after another signal, tells the same exit', async () => {
  const { stop } = await service();
  expect(await stop('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
  expect(await stop('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
  // Of a service that died of it before, nobody says that it was late.
  expect(await stop()).toEqual({ code: null, signal: 'SIGKILL' });
});

test('a service that ignores SIGTERM is killed at the time limit, and stop fails', async () => {
  const { pid, stop } = await service({ env: { STUBBORN: '1' }, timeoutMillis: 500 });
  await expect(stop()).rejects.toThrow(/did not exit within 500 ms of SIGTERM and was killed/);
  expect(isAlive(pid)).toBe(false);
});

test('leaving its scope kills a service', async () => {
  let pid: number;
  {
    await using started = await startService({ entry, env: { STUBBORN: '1' } });
    pid = started.pid;
    expect(isAlive(pid)).toBe(true);
  }
  expect(isAlive(pid)).toBe(false);
});

for (const [end, expected] of [
  ['process.exit(3)', { code: 3, signal: null }],
  ["process.kill(process.pid, 'SIGTERM')", { code: null, signal: 'SIGTERM' }],
] as const) {
  test(`the end of the process that started a service kills it: ${end}`, async () => {
    const index = new URL('../dist/index.js', import.meta.url).href;
    const parent = await service({
      entry: '--eval',
      args: [
        `process.on('SIGHUP', () => ${end});
        import(${JSON.stringify(index)})
          .then(({ startService }) => startService({ entry: ${JSON.stringify(entry)}, env: { STUBBORN: '1' } }))
          .then(({ url }) => process.stdout.write('listening on ' + url + '\\n'))`,
      ],
    });
    const connection = connect(Number(new URL(parent.url).port), '127.0.0.1');
    await once(connection, 'connect');
    const cut = finished(connection).catch((error: unknown) => error);
    expect(await parent.stop('SIGHUP')).toEqual(expected);
    await cut;
  });
}

test('a service that exits before it listens fails the start with its output', async () => {
  const starting = startService({ entry: '--eval', args: ["console.error('no database'); process.exit(7)"] });
  await expect(starting).rejects.toThrow(
    /exited \(7\) before there was a line that says where it listens[^]*[^]*no database/,
  );
});

test('a service that never listens is killed at the time limit', async () => {
  const silent = 'console.log(process.pid); setInterval(() => {}, 1000)';
  const starting = startService({ entry: '--eval', args: [silent], timeoutMillis: 1000 });
  const error = await starting.catch((reason: unknown) => reason);
  expect(String(error)).toMatch(/waited 1000 ms for a line that says where it listens/);
  expect(isAlive(Number(/^\d+$/m.exec(String(error))?.[0]))).toBe(false);
});

test('a directory that does not exist fails the start', async () => {
  await expect(startService({ entry, cwd: '/does/not/exist' })).rejects.toThrow('ENOENT');
});

test("this process's OTEL_ variables are not handed on, and undefined takes a variable away", async () => {
  process.env['OTEL_SERVICE_NAME'] = 'runner';
  process.env['GREETING'] = 'inherited';
  onTestFinished(() => {
    delete process.env['OTEL_SERVICE_NAME'];
    delete process.env['GREETING'];
  });
  const plain = await service();
  expect(await (await fetch(plain.url)).text()).toBe('none');
  const { url, waitForLog } = await service({ env: { OTEL_SERVICE_NAME: 'shop', GREETING: undefined } });
  expect(await (await fetch(url)).text()).toBe('shop');
  expect(await waitForLog(() => true)).toEqual({ message: 'request /' });
});
