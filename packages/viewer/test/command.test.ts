import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createLogFormatter } from '@org/tracing-core';
import { expect, onTestFinished, test } from 'vitest';

import type { SpanDetail, TraceDetail } from '../src/api.ts';
import { version } from '../src/version.ts';
import { ViewerProcess } from './viewer-process.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const START = '1700000000000000000';

/** OTLP JSON of one span. */
function oneSpan(rest: object = {}): string {
  const span = {
    traceId: TRACE,
    spanId: SPAN,
    name: 'GET /stock',
    startTimeUnixNano: START,
    endTimeUnixNano: START,
    ...rest,
  };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });
}

async function sendSpan(url: string, rest?: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/v1/traces`, { method: 'POST', body: oneSpan(rest), headers });
  expect(response.status).toBe(200);
}

async function logsOfSpan(url: string): Promise<SpanDetail['logs']> {
  const response = await fetch(`${url}/api/traces/${TRACE}/spans/${SPAN}`);
  return ((await response.json()) as SpanDetail).logs;
}

function line(message: string): string {
  return createLogFormatter()({
    level: 'INFO',
    service: 'shop',
    message,
    spanContext: { traceId: TRACE, spanId: SPAN, traceFlags: 1 },
  });
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'it says its address first, and %s ends it cleanly',
  async (signal) => {
    const viewer = new ViewerProcess(['--port', '0']);
    const url = await viewer.url();
    expect((await viewer.written('stdout', /OTEL_EXPORTER_OTLP_ENDPOINT=(\S+)\n/))[1]).toBe(url);
    const { hostname } = new URL(url);
    expect(hostname).toBe('127.0.0.1');
    // A page that listens, and a connection that is kept: neither holds it up.
    const events = await fetch(`${url}/api/events`);
    await fetch(`${url}/healthz`).then((response) => response.json());
    viewer.child.kill(signal);
    expect(await viewer.exited).toBe(0);
    await events.text().catch(() => undefined);
    expect(viewer.stderr).toBe('');
  },
);

test('a port that another viewer has is said to be, and what to do', async () => {
  const url = await new ViewerProcess(['--port', '0']).url();
  const { port } = new URL(url);
  const second = new ViewerProcess(['--port', port]);
  expect(await second.exited).toBe(1);
  expect(second.stderr).toBe(
    `Port ${port} of 127.0.0.1 is in use. Another tracing-viewer has it: open that one, or end it. ` +
      '--port <number> takes another, which OTEL_EXPORTER_OTLP_ENDPOINT must then name.\n',
  );
  expect(second.stdout).toBe('');
});

test('so is one that any other program has', async () => {
  const other = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const viewer = new ViewerProcess(['--port', String(port)]);
  expect(await viewer.exited).toBe(1);
  expect(viewer.stderr).toContain(`Port ${port} of 127.0.0.1 is in use. Another program has it`);
});

test.each([
  [['--prot', '1'], "Unknown option '--prot'"],
  [['file.json'], "Unexpected argument 'file.json'"],
  [['--port'], "Option '--port <value>' argument missing"],
  [['--port', 'http'], '--port: expected a whole number from 0 to 65535, got "http"'],
  [['--port', '65536'], '--port: expected'],
  [['--max-traces', '0'], '--max-traces: expected a whole number from 1'],
  [['--max-spans', '1.5'], '--max-spans: expected'],
  [['--max-mb', '-1'], '--max-mb'],
  [['--host='], '--host: expected an address, got nothing'],
])('%j is refused, with the usage', async (args, message) => {
  const viewer = new ViewerProcess(args);
  expect(await viewer.exited).toBe(2);
  expect(viewer.stderr).toContain(message);
  expect(viewer.stderr).toContain('Usage: tracing-viewer [options]');
  expect(viewer.stdout).toBe('');
});

test('--help tells of every option, --version the version', async () => {
  const help = new ViewerProcess(['-h']);
  expect(await help.exited).toBe(0);
  const options = [
    'port',
    'host',
    'allow-host',
    'stdin',
    'tree',
    'open',
    'max-traces',
    'max-spans',
    'max-mb',
  ];
  for (const option of options) expect(help.stdout).toContain(`  --${option}`);
  const asked = new ViewerProcess(['--version']);
  expect(await asked.exited).toBe(0);
  expect(asked.stdout).toBe(`${version}\n`);
});

test('an address that is none of this machine is said to be', async () => {
  const viewer = new ViewerProcess(['--port', '0', '--host', '192.0.2.1']);
  expect(await viewer.exited).toBe(1);
  expect(viewer.stderr).toContain('192.0.2.1 is no address of this machine');
});

test('--stdin joins log lines to their spans and passes every byte on, also what is no log line', async () => {
  const viewer = new ViewerProcess(['--port', '0', '--stdin']);
  const url = await viewer.url('stderr');
  await sendSpan(url);
  const long = `{"trace_id":"${TRACE}","msg":"${'x'.repeat(2_000_000)}"}`;
  const input = `server is up\r\n${line('first')}\n\n{"broken\n\u00e4\u{1f600}\n${long}\n${line('second')}\nrest`;
  const bytes = Buffer.from(input);
  // In pieces that cut lines and characters.
  for (let at = 0; at < bytes.length; at += 65_521) viewer.child.stdin.write(bytes.subarray(at, at + 65_521));
  viewer.child.stdin.end();
  await viewer.written('stdout', /rest$/);
  expect(viewer.stdout === input).toBe(true);
  expect((await logsOfSpan(url)).map(({ message }) => message)).toEqual(['first', 'second']);
  viewer.child.kill('SIGINT');
  expect(await viewer.exited).toBe(0);
});

test('the end of standard input ends neither the viewer nor what it holds', async () => {
  const viewer = new ViewerProcess(['--port', '0', '--stdin']);
  const url = await viewer.url('stderr');
  viewer.child.stdin.end(`${line('before its span')}\n`);
  await viewer.written('stdout', /before its span/);
  await sendSpan(url);
  expect(await logsOfSpan(url)).toMatchObject([
    { message: 'before its span', service: 'shop', level: 'INFO' },
  ]);
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s while standard input is open ends it without a complaint',
  async (signal) => {
    const viewer = new ViewerProcess(['--port', '0', '--stdin']);
    await viewer.url('stderr');
    viewer.child.stdin.write('a line\n');
    await viewer.written('stdout', /a line/);
    viewer.child.kill(signal);
    expect(await viewer.exited).toBe(0);
    expect(viewer.stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^tracing-viewer listening on /),
      expect.stringMatching(/^Services send to it by /),
    ]);
  },
);

test('a reader of standard output that has gone does not end it', async () => {
  const viewer = new ViewerProcess(['--port', '0', '--stdin']);
  const url = await viewer.url('stderr');
  viewer.child.stdout.destroy();
  for (let count = 0; count < 50; count += 1) viewer.child.stdin.write(`${'x'.repeat(10_000)}\n`);
  viewer.child.stdin.end(`${line('still read')}\n`);
  await once(viewer.child.stdin, 'close');
  await sendSpan(url);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test('nor does one of its trees', async () => {
  const viewer = new ViewerProcess(['--port', '0', '--tree']);
  const url = await viewer.url();
  viewer.child.stdout.destroy();
  await sendSpan(url);
  // What waits is written to nobody when it ends.
  viewer.child.kill('SIGTERM');
  expect(await viewer.exited).toBe(0);
  expect(viewer.stderr).toBe('');
});

test('--tree prints a trace when it is complete, its log lines beneath its spans, and says which spans were late', async () => {
  const viewer = new ViewerProcess(['--port', '0', '--tree', '--stdin']);
  const url = await viewer.url('stderr');
  viewer.child.stdin.write(`${line('stock is low')}\n`);
  await viewer.written('stdout', /stock is low/);
  await sendSpan(url);
  await viewer.written(
    'stdout',
    /trace 4bf9\w+ · 1 span · .*\nshop {2}GET \/stock .*\n +· INFO {2}stock is low\n\n/,
  );
  await sendSpan(url, { spanId: '1'.repeat(16), parentSpanId: SPAN, name: 'SELECT stock' });
  await viewer.written('stdout', /1 late span of a trace printed above\nshop {2}SELECT stock/);
  expect(viewer.stdout).not.toContain('\u001b');
});

test('what waits to be printed is printed when a signal comes', async () => {
  const viewer = new ViewerProcess(['--port', '0', '--tree']);
  await sendSpan(await viewer.url(), { parentSpanId: '3'.repeat(16) });
  viewer.child.kill('SIGTERM');
  expect(await viewer.exited).toBe(0);
  expect(viewer.stdout).toMatch(/trace 4bf9\w+ .* its root has not come\n/);
});

test('--open with --tree prints the traces of the file', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'trace.json');
  writeFileSync(file, oneSpan());
  const viewer = new ViewerProcess(['--port', '0', '--tree', '--open', file]);
  await viewer.url();
  await viewer.written('stdout', /\ntrace 4bf9/);
  viewer.child.kill('SIGTERM');
  expect(await viewer.exited).toBe(0);
  expect(viewer.stdout).toMatch(/\ntrace 4bf9\w+ .*\nshop {2}GET \/stock/);
});

test('--open shows the traces of a file, and a file that is none is said to be', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'trace.json');
  writeFileSync(file, oneSpan());
  const viewer = new ViewerProcess(['--port', '0', '--open', file]);
  const url = await viewer.url();
  await viewer.written('stdout', /trace\.json: 1 trace, 1 span, 0 log lines\n/);
  const response = await fetch(`${url}/api/traces/${TRACE}`);
  expect(((await response.json()) as TraceDetail).names).toEqual(['GET /stock']);

  writeFileSync(file, 'hello');
  const wrong = new ViewerProcess(['--port', '0', '--open', file]);
  expect(await wrong.exited).toBe(1);
  expect(wrong.stderr).toMatch(/^--open: .*trace\.json cannot be read: the text is no JSON/);
  const missing = new ViewerProcess(['--port', '0', '--open', join(folder, 'none.json')]);
  expect(await missing.exited).toBe(1);
  expect(missing.stderr).toMatch(/^--open: .*none\.json cannot be read: ENOENT/);
});

test.each([
  ['UTF-8', 'utf8'],
  ['UTF-16, as PowerShell writes what it redirects', 'utf16le'],
] as const)('--open reads a file with the byte order mark of %s', async (_, encoding) => {
  const file = join(temporaryFolder(), 'trace.json');
  writeFileSync(file, `\uFEFF${oneSpan()}`, encoding);
  const viewer = new ViewerProcess(['--port', '0', '--open', file]);
  const [report] = await viewer.written('stdout', /trace\.json: (.*)\n/);
  expect(report).toBe('trace.json: 1 trace, 1 span, 0 log lines\n');
});

test('--open says how many spans had no room, and what could not be read', async () => {
  const file = join(temporaryFolder(), 'traces.jsonl');
  const spans = [1, 2, 3].map((trace) => oneSpan({ traceId: String(trace).repeat(32) }));
  writeFileSync(file, `${spans.join('\n')}\n${oneSpan({ spanId: '' })}\n{"resourceSp`);
  const viewer = new ViewerProcess(['--port', '0', '--max-traces', '1', '--open', file]);
  const [, lost = ''] = await viewer.written(
    'stdout',
    /traces\.jsonl: 3 traces, 3 spans, 0 log lines; (.*)\n/,
  );
  expect(lost).toMatch(
    /^no room for 2 spans: --max-traces, --max-spans, --max-mb make some; line 5 breaks off and was left out: .*; 1 span was refused: span_id/,
  );
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'viewer-file-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
