import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

import { type ServiceOptions, type ServiceProcess, startService } from '../src/index.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}.mjs`, import.meta.url));

async function service(name: string, options: Partial<ServiceOptions> = {}): Promise<ServiceProcess> {
  const started = await startService({ entry: fixture(name), ...options });
  onTestFinished(() => started[Symbol.asyncDispose]());
  return started;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function reasonOf(options: ServiceOptions): Promise<string> {
  const error: unknown = await startService(options).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  return (error as Error).message;
}

test.each(['127.0.0.1', '0.0.0.0', 'localhost'])(
  "Fastify's own line says where it listens, on %s",
  async (HOST) => {
    const { url } = await service('fastify', { env: { HOST } });
    expect(await (await fetch(url)).text()).toBe('fastify');
  },
);

test.each(['koa', 'express', 'fastify'])(
  'with the option port, %s is there as soon as it takes connections, whatever it prints',
  async (name) => {
    const any = await service(name, { port: 0 });
    expect(await (await fetch(any.url)).text()).toBe(name);
    const port = await freePort();
    const { url } = await service(name, { port });
    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect(await (await fetch(url)).text()).toBe(name);
  },
);

test.each(['koa', 'express', 'fastify'])(
  'the same words find a log line of %s, whose logger has others',
  async (name) => {
    const { url, waitForLog } = await service(name, { port: 0 });
    const wanted = { level: 'warn', message: /^stock/, fields: { sku: 'anvil' } };
    const found = waitForLog(wanted);
    await fetch(url);
    expect(await found).toMatchObject({ sku: 'anvil' });
    expect(await waitForLog((line) => line['sku'] === 'anvil')).toBe(await found);
  },
);

test('of several servers, the option port says which', async () => {
  const program = `
    const { createServer } = require('node:http');
    createServer((_, response) => response.end('metrics')).listen(0, '127.0.0.1', () =>
      createServer((_, response) => response.end('shop')).listen(process.env.PORT, '127.0.0.1'));
    require('node:net').createServer().listen(process.argv[1]);`;
  const folder = mkdtempSync(join(tmpdir(), 'tracing-socket-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const port = await freePort();
  const started = await startService({ entry: '--eval', args: [program, join(folder, 'socket')], port });
  onTestFinished(() => started[Symbol.asyncDispose]());
  expect(await (await fetch(started.url)).text()).toBe('shop');
});

test('with the option port, neither the service nor what it starts has more in its environment', async () => {
  const program = `
    const { fork } = require('node:child_process');
    const { writeFileSync } = require('node:fs');
    const listen = () => {
      const server = require('node:http').createServer((_, response) =>
        response.end(String(Object.keys(process.env).filter((name) => name.startsWith('TRACING')))));
      server.listen(0, '127.0.0.1', () => process.send?.(server.address().port));
    };
    writeFileSync(process.env.BELOW, '(' + listen + ')()');
    fork(process.env.BELOW).on('message', (port) => { console.log(JSON.stringify({ below: port })); listen(); });`;
  const folder = mkdtempSync(join(tmpdir(), 'tracing-below-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const env = { BELOW: join(folder, 'below.cjs') };
  await using started = await startService({ entry: '--eval', args: [program], port: 0, env });
  const { below } = started.logs[0] as { below: number };
  expect(started.url).not.toBe(`http://127.0.0.1:${below}`);
  for (const url of [started.url, `http://127.0.0.1:${below}`]) {
    expect(await (await fetch(url)).text()).toBe('');
  }
});

test('a port that another has fails the start at once, with what Node says', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as { port: number };
  const program = `require('node:http').createServer().listen(${port}, '127.0.0.1')`;
  expect(await reasonOf({ entry: '--eval', args: [program], port })).toMatch(
    new RegExp(
      `^--eval: exited \\(1\\) before there was a server that listens on port ${port}\\.[^]*EADDRINUSE`,
    ),
  );
});

test('with the option port, a service that never listens is named at the time limit, with its output', async () => {
  const program = "console.log('waiting for the database'); setInterval(() => {}, 1000)";
  for (const [port, where] of [
    [0, 'any port'],
    [4000, 'port 4000'],
  ] as const) {
    expect(await reasonOf({ entry: '--eval', args: [program], port, timeoutMillis: 1000 })).toBe(
      `--eval: waited 1000 ms for a server that listens on ${where}.\nstdout:\nwaiting for the database\n\nstderr:\n(nothing)\n`,
    );
  }
});

test('a service that says port 0 fails at the time limit, with its line and what to do', async () => {
  expect(await reasonOf({ entry: fixture('express'), timeoutMillis: 3000 })).toBe(
    `${fixture('express')}: waited 3000 ms for a line that says where it listens, such as ` +
      '"listening on http://127.0.0.1:3000" or "Server listening on port 3000". ' +
      '"Example app listening on port 0" names none: let it print the port of `server.address()`, ' +
      'or give `startService` the option `port`: 0 for any.\n' +
      'stdout:\nExample app listening on port 0\n\nstderr:\n(nothing)\n',
  );
});

test('a service that exits fails the start at once, though what it has started holds its output open', async () => {
  const program = `
    require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })
      .on('spawn', function () {
        process.stderr.write(this.pid + '\\n' + 'x'.repeat(100_000) + '\\nno database', () => process.exit(7));
      });`;
  const reason = await reasonOf({ entry: '--eval', args: [program], timeoutMillis: 20_000 });
  process.kill(Number(/^\d+$/m.exec(reason)?.[0]), 'SIGKILL');
  expect(reason).toMatch(
    /^--eval: exited \(7\) before there was a line that says where it listens[^]*\nno database/,
  );
});

test('a log line that does not come is named, with what one of its message has instead', async () => {
  const { url, waitForLog, stop } = await service('fastify');
  await fetch(url);
  await waitForLog({ message: 'stock is low' });
  const never = waitForLog({ level: 'error', message: 'stock is low' }).catch((reason: unknown) => reason);
  await stop();
  expect(String(await never)).toContain(
    'before there was the log line ERROR "stock is low" (one with this message has the level WARN).',
  );
});

test.each([
  [{ level: 'wrong' }, /no level "wrong"; expected TRACE, DEBUG, INFO/],
  [{ msg: 'ready' }, /no key "msg"; expected message, level, fields$/],
  [{ span: 'GET /' }, /no key "span"; expected message, level, fields$/],
  ['ready', /expected message, level, fields in an object, got "ready"/],
])('what no line can fit is a TypeError: %o', async (wanted, said) => {
  const { waitForLog } = await service('service');
  const waiting = waitForLog(wanted as Parameters<typeof waitForLog>[0]);
  await expect(waiting).rejects.toThrow(TypeError);
  await expect(waiting).rejects.toThrow(said);
});

test.each([
  [{ entry: 'x', ports: 1 }, /startService: no option "ports"; expected entry, args/],
  [{ entry: 'x', port: '3000' }, /startService: port: expected a number from 0 to 65535, got "3000"/],
  [{ entry: 'x', timeoutMillis: Infinity }, /startService: timeoutMillis: expected milliseconds/],
  [{}, /startService: entry: expected the path of a file/],
])('options that cannot be are a TypeError: %o', async (options, said) => {
  const starting = startService(options as ServiceOptions);
  await expect(starting).rejects.toThrow(TypeError);
  await expect(starting).rejects.toThrow(said);
});
