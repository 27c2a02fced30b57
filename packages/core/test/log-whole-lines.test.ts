import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

import { type LogLine, parseLines } from './support/logged.ts';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));

/** What each writer does: says that it is there, logs when it is told to, says that it has. */
function writer(log: string): string {
  return `
    import { once } from 'node:events';
    import { configureConsoleLogging, configureLogging } from '@org/tracing-core';
    import log from 'loglevel';
    console.log('ready');
    process.stdin.resume();
    await once(process.stdin, 'end');
    const id = Number(process.argv[1]);
    ${log}
    process.stdout.write('logged\\n');
    process.disconnect?.();`;
}

interface Writing {
  readonly processes: number;
  readonly program: string;
  /** Whether they are told that they are forked. */
  readonly forked?: boolean;
}

/**
 * Starts processes whose stderr is one pipe, lets them write all at once while nobody reads, and then reads a
 * little at a time.
 */
async function writtenTogether({ processes, program, forked = false }: Writing): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tracing-pipe-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  // Each end waits for the other.
  const [readEnd, writeEnd] = await Promise.all([open(path, 'r'), open(path, 'w')]);
  const children: ChildProcess[] = [];
  const ended: Promise<unknown>[] = [];
  const said: AsyncIterator<string>[] = [];
  onTestFinished(async () => {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(ended);
  });
  for (let id = 0; id < processes; id += 1) {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program, String(id)], {
      cwd: PACKAGE,
      stdio: ['pipe', 'pipe', writeEnd.fd, ...(forked ? (['ipc'] as const) : [])],
    });
    children.push(child);
    ended.push(once(child, 'close'));
    if (child.stdout) said.push(createInterface(child.stdout)[Symbol.asyncIterator]());
  }
  await writeEnd.close();
  expect((await Promise.all(said.map((lines) => lines.next()))).map(({ value }) => value)).toEqual(
    said.map(() => 'ready'),
  );
  for (const child of children) child.stdin?.end();
  // The pipe is full by now, and most lines wait in their processes.
  await Promise.all(said.map((lines) => lines.next()));
  const written = await text(readEnd.createReadStream({ highWaterMark: 1021 }));
  await Promise.all(ended);
  expect(children.map(({ exitCode }) => exitCode)).toEqual(children.map(() => 0));
  return written;
}

/** The numbers of the lines of each process, in the order in which they came. */
function numbersOf(lines: readonly LogLine[]): unknown[][] {
  const byProcess: unknown[][] = [];
  for (const line of lines) (byProcess[Number(line['id'])] ??= []).push(line['number']);
  return byProcess;
}

test('50 writers in 10 processes on one pipe, and a slow reader: every line is whole, none is lost, each writer keeps its order', async () => {
  const program = writer(`
    configureLogging(log, { serviceName: 'shop' });
    await Promise.all(Array.from({ length: 5 }, async (_, task) => {
      const writer = id * 5 + task;
      for (let number = 0; number < 40; number += 1) {
        // Up to 4096 bytes, with what stands around the message.
        log.info('m'.repeat((number * 101 + writer * 37) % 3700), { id: writer, number });
        await null;
      }
    }));`);
  const lines = parseLines(await writtenTogether({ processes: 10, program }));
  expect(numbersOf(lines)).toEqual(
    Array.from({ length: 50 }, () => Array.from({ length: 40 }, (_, number) => number)),
  );
  for (const { id, number, message } of lines) {
    expect(message).toBe('m'.repeat((Number(number) * 101 + Number(id) * 37) % 3700));
  }
}, 60_000);

const LONG_LINES = (options: string): string =>
  writer(`
    configureLogging(log, { serviceName: 'shop', ${options} });
    for (let number = 0; number < 30; number += 1) {
      log.info('é'.repeat(20_000), { id, number, text: 't'.repeat(9000) }, new Error('e'.repeat(5000)));
      log.info('short', { id, number });
    }`);

test.each([
  ['the option maxLineBytes', 'maxLineBytes: 4096', false],
  ['being forked', '', true],
])(
  'long lines of processes on one pipe are cut, and so stay whole, by %s',
  async (_by, options, forked) => {
    const written = await writtenTogether({ processes: 8, program: LONG_LINES(options), forked });
    const lines = parseLines(written);
    const numbers = Array.from({ length: 30 }, (_, number) => [number, number]).flat();
    expect(numbersOf(lines)).toEqual(Array.from({ length: 8 }, () => numbers));
    const long = lines.filter(({ message }) => message !== 'short');
    expect(long).toHaveLength(8 * 30);
    for (const line of long) {
      expect(line['message']).toMatch(/^é{300,}… \[\d+ more characters\]$/);
      expect(line).toMatchObject({ text: expect.stringMatching(/^t+… /), exception: { type: 'Error' } });
    }
    const longest = Math.max(...written.split('\n').map((line) => Buffer.byteLength(line) + 1));
    expect(longest).toBeGreaterThan(3000);
    expect(longest).toBeLessThanOrEqual(4096);
  },
  60_000,
);

test('50 tasks of one process with a slow reader: long lines are whole and as long as they are, between other writes', async () => {
  const program = writer(`
    configureLogging(log, { serviceName: 'shop' });
    configureConsoleLogging(console, { serviceName: 'console' });
    await Promise.all(Array.from({ length: 50 }, async (_, id) => {
      for (let number = 0; number < 5; number += 1) {
        log.info('m'.repeat(50_000), { id, number });
        console.error('short', { id, number });
        process.stderr.write(JSON.stringify({ raw: id }) + '\\n');
        await null;
      }
    }));`);
  const lines = parseLines(await writtenTogether({ processes: 1, program }));
  const ours = (service: string): LogLine[] => lines.filter((line) => line['service'] === service);
  const numbers = Array.from({ length: 50 }, () => [0, 1, 2, 3, 4]);
  expect(numbersOf(ours('shop'))).toEqual(numbers);
  expect(numbersOf(ours('console'))).toEqual(numbers);
  expect(new Set(ours('shop').map(({ message }) => String(message).length))).toEqual(new Set([50_000]));
  expect(lines.filter((line) => 'raw' in line)).toHaveLength(250);
}, 60_000);

test('a reader that goes while lines wait for it (EPIPE) does not end the process', async () => {
  const program = writer(`
    configureLogging(log, { serviceName: 'shop' });
    for (let number = 0; number < 500; number += 1) log.info('m'.repeat(3000));
    process.exitCode = 7;
    setImmediate(() => log.info('and once more'));`);
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { cwd: PACKAGE });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = createInterface(child.stdout)[Symbol.asyncIterator]();
  await said.next();
  child.stdin.end();
  await said.next();
  child.stderr.destroy();
  expect(await once(child, 'exit')).toEqual([7, null]);
});
