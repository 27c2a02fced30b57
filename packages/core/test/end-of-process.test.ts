import { expect, test } from 'vitest';

import { runChild } from './support/child.ts';
import { deadEndpoint, otlpSink, type ReceivedExport, spanNames } from './support/otlp-sink.ts';

const STAY = `setInterval(() => undefined, 1e9); console.log('ready');`;

/** Tracing, and one span that has ended and waits. */
function oneWaits(options = ''): string {
  return `
    import { initTracing, withSpan } from '@org/tracing-core';
    const tracing = initTracing({ shutdownTimeoutMillis: 60_000, ${options} });
    withSpan('work', () => undefined);
  `;
}

/** A server of its own, whose requests to /slow/1 are never answered. It prints its URL, then each request. */
const SERVER = `
  import { createServer } from 'node:http';
  import { traceHttpServer } from '@org/tracing-core';
  const http = traceHttpServer({ scope: { name: 'test', version: '1' }, route: () => '/slow/:id' }, {});
  const held = [];
  const server = createServer((request, response) => {
    const span = http.open(request);
    span.attach(response, request);
    held.push(response);
    span.run(() => console.log(request.url));
  }).listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port));
`;

function environmentFor(url: string): Record<string, string> {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
}

interface SentSpan {
  readonly name: string;
  readonly status: unknown;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}

function sentSpans({ body }: ReceivedExport): readonly SentSpan[] {
  const request = JSON.parse(body.toString()) as {
    resourceSpans: { scopeSpans: { spans: SentSpan[] }[] }[];
  };
  return request.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

function attribute(span: SentSpan | undefined, name: string): unknown {
  return Object.values(span?.attributes.find(({ key }) => key === name)?.value ?? {})[0];
}

const ONE_UNSENT =
  '[tracing] warning: 1 span(s) were lost at the end of the process: 1 not sent, 0 not ended\n';

test.each([
  ['process.exit(3)', 3, ''],
  ['process.exitCode = 4; process.exit()', 4, ''],
  [`throw new Error('crash')`, 1, 'Error: crash'],
  [`await Promise.reject(new Error('crash'))`, 1, 'Error: crash'],
  [`process.on('uncaughtException', () => process.exit(5)); throw new Error('crash')`, 5, ''],
])('%s: the exit code stays, nothing is waited for, and the loss is said', async (end, code, message) => {
  const sink = await otlpSink();
  const { stderr, ...exit } = await runChild(`${oneWaits()} ${end};`, environmentFor(sink.url)).exit;
  expect(exit).toEqual({ code, signal: null });
  expect(stderr).toContain(message);
  expect(stderr).toContain(ONE_UNSENT);
  expect(sink.received).toEqual([]);
});

test('a span that has not ended is lost too', async () => {
  const program = `${oneWaits()} tracing.tracer.startSpan('open'); process.exit(0);`;
  const { stderr } = await runChild(program, environmentFor(await deadEndpoint())).exit;
  expect(stderr).toBe(
    '[tracing] warning: 2 span(s) were lost at the end of the process: 1 not sent, 1 not ended\n',
  );
});

test('nothing is said where nothing is lost, nor with OTEL_LOG_LEVEL=error', async () => {
  const sink = await otlpSink();
  const flushed = `${oneWaits()} await tracing.forceFlush(); process.exit(0);`;
  expect((await runChild(flushed, environmentFor(sink.url)).exit).stderr).toBe('');
  const environment = { ...environmentFor(sink.url), OTEL_LOG_LEVEL: 'error' };
  expect((await runChild(`${oneWaits()} process.exit(0);`, environment).exit).stderr).toBe('');
});

test('a logger of the application that listens to diag hears of the loss', async () => {
  const program = `
    import { diag, DiagLogLevel } from '@opentelemetry/api';
    const say = (message) => process.stdout.write('heard: ' + message + '\\n');
    diag.setLogger({ error: say, warn: say, info: say, debug: say, verbose: say }, DiagLogLevel.WARN);
    ${oneWaits()} process.exit(0);`;
  const child = runChild(program, environmentFor(await deadEndpoint()));
  expect(await child.line()).toMatch(/^heard: 1 span\(s\) were lost at the end of the process/);
  expect((await child.exit).stderr).toBe('');
});

test('the console prints at the exit what it holds, open spans or not', async () => {
  const program = `
    import { initTracing, withSpan } from '@org/tracing-core';
    initTracing();
    withSpan('outer', async () => { withSpan('inner', () => undefined); process.exit(0); });
  `;
  expect((await runChild(program).exit).stderr).toMatch(/1 still open[^]*inner[^]*0 not sent, 1 not ended/);
});

test.each(['process.exit(3)', `throw new Error('crash')`])(
  'with flushOnCrash spans that wait are sent at %s, and nothing is lost',
  async (end) => {
    const sink = await otlpSink();
    const child = runChild(`${oneWaits('flushOnCrash: true')} ${end};`, {
      ...environmentFor(sink.url),
      OTEL_EXPORTER_OTLP_HEADERS: 'x-token=secret',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    });
    const { code, stderr } = await child.exit;
    expect(code).toBe(end.startsWith('throw') ? 1 : 3);
    expect(stderr).not.toContain('lost');
    expect(sink.received.flatMap(spanNames)).toEqual(['work']);
    expect(sink.received[0]?.headers).toMatchObject({ 'x-token': 'secret' });
  },
);

test('with flushOnCrash a full queue is sent all the same', async () => {
  const sink = await otlpSink();
  const program = `${oneWaits('flushOnCrash: true, batch: { maxQueueSize: 1, scheduleDelayMillis: 3600000 }')}
    withSpan('too many', () => undefined);
    await tracing.forceFlush();
    withSpan('last', () => undefined);
    process.exit(3);`;
  const { stderr } = await runChild(program, environmentFor(sink.url)).exit;
  expect(stderr).toContain('the queue was full');
  expect(sink.received.flatMap(spanNames)).toEqual(['work', 'last']);
});

test('with flushOnCrash a collector that hangs holds the exit up for a second or so, and the loss is said', async () => {
  const hangs = await otlpSink({ answer: () => new Promise(() => undefined) });
  const child = runChild(
    `${oneWaits('flushOnCrash: true')} console.log('end'); process.exit(3);`,
    environmentFor(hangs.url),
  );
  await child.line();
  const began = performance.now();
  expect(await child.exit).toEqual({ code: 3, signal: null, stderr: ONE_UNSENT });
  expect(performance.now() - began).toBeLessThan(5000);
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends the spans of open requests, marked, and sends them',
  async (signal) => {
    const sink = await otlpSink();
    const child = runChild(oneWaits() + SERVER, environmentFor(sink.url));
    const url = await child.line();
    const answer = fetch(`${url}/slow/1`).catch(() => 'cut off');
    expect(await child.line()).toBe('/slow/1');
    child.kill(signal);
    expect(await child.exit).toEqual({ code: null, signal, stderr: '' });
    expect(await answer).toBe('cut off');
    const spans = sink.received.flatMap(sentSpans);
    expect(spans.map(({ name }) => name)).toEqual(['work', 'GET /slow/:id']);
    expect(attribute(spans[1], 'error.type')).toBe('shutdown');
    expect(attribute(spans[1], 'http.response.status_code')).toBeUndefined();
    expect(spans[1]?.status).toMatchObject({ code: 2 });
  },
);

test('where the application handles the signal open requests go on, and are sent as they end', async () => {
  const sink = await otlpSink();
  const handler = `
    process.once('SIGTERM', () => process.stdin.once('data', () => {
      for (const response of held) response.end('late');
      process.stdin.once('data', () => process.exit(7));
    }));
  `;
  const options = 'batch: { scheduleDelayMillis: 3600000 }';
  const child = runChild(oneWaits(options) + SERVER + handler, environmentFor(sink.url));
  const answer = fetch(`${await child.line()}/slow/1`);
  await child.line();
  child.kill('SIGTERM');
  expect((await sink.next()).body.toString()).toContain('work');
  child.write('answer');
  expect(await (await answer).text()).toBe('late');
  const [span] = sentSpans(await sink.next());
  expect([span?.name, attribute(span, 'error.type')]).toEqual(['GET /slow/:id', undefined]);
  child.write('end');
  expect(await child.exit).toEqual({ code: 7, signal: null, stderr: '' });
});

test('shutdown ends the spans of open requests too, and a second end changes nothing', async () => {
  const sink = await otlpSink();
  const program = `${oneWaits()}${SERVER}
    process.stdin.once('data', async () => {
      await tracing.shutdown();
      for (const response of held) response.end('late');
      server.close();
    });`;
  const child = runChild(program, environmentFor(sink.url));
  const answer = fetch(`${await child.line()}/slow/1`, { headers: { connection: 'close' } });
  await child.line();
  child.write('shut down');
  expect(await (await answer).text()).toBe('late');
  child.kill('SIGKILL');
  const spans = sink.received.flatMap(sentSpans);
  expect(spans.map((span) => [span.name, attribute(span, 'error.type')])).toEqual([
    ['work', undefined],
    ['GET /slow/:id', 'shutdown'],
  ]);
});

test.each(['signal-exit', 'signal-exit3'])(
  'the listener of %s is no handler: spans are sent, it cleans up, and the signal ends the program',
  async (name) => {
    const sink = await otlpSink();
    const program = `
      import * as signalExit from '${name}';
      (signalExit.onExit ?? signalExit.default)(() => require('node:fs').writeSync(1, 'cleaned up\\n'));
      import { createRequire } from 'node:module';
      const require = createRequire('/');
      ${oneWaits()} ${STAY}`;
    const child = runChild(program, environmentFor(sink.url));
    expect(await child.line()).toBe('ready');
    child.kill('SIGTERM');
    expect(await child.line()).toBe('cleaned up');
    expect(await child.exit).toEqual({ code: null, signal: 'SIGTERM', stderr: '' });
    expect(sink.received.flatMap(spanNames)).toEqual(['work']);
  },
);

/** A program with two worker threads that trace; it is ready when both have a span that waits. */
function withThreads(inThread: string): string {
  return `${oneWaits()}
    import { Worker } from 'node:worker_threads';
    const source = \`import('@org/tracing-core').then(async ({ initTracing, withSpan }) => {
      initTracing({ shutdownTimeoutMillis: 60_000, batch: { scheduleDelayMillis: 3600000 } });
      withSpan('thread', () => undefined);
      setInterval(() => undefined, 1e9);
      (await import('node:worker_threads')).parentPort.postMessage('ready');
      ${inThread}
    });\`;
    const threads = [new Worker(source, { eval: true }), new Worker(source, { eval: true })];
    await Promise.all(threads.map((thread) => new Promise((resolve) => thread.once('message', resolve))));
    console.log('ready');`;
}

test('a signal has the spans of worker threads sent too', async () => {
  const sink = await otlpSink();
  const child = runChild(withThreads(''), environmentFor(sink.url));
  expect(await child.line()).toBe('ready');
  child.kill('SIGTERM');
  expect(await child.exit).toEqual({ code: null, signal: 'SIGTERM', stderr: '' });
  expect(sink.received.flatMap(spanNames).toSorted()).toEqual(['thread', 'thread', 'work']);
});

test('where the application handles the signal worker threads send what they have, and go on', async () => {
  const sink = await otlpSink();
  const handler = `process.once('SIGTERM', () => process.stdin.once('data', () => process.exit(7)));`;
  const child = runChild(withThreads('') + handler, environmentFor(sink.url));
  expect(await child.line()).toBe('ready');
  child.kill('SIGTERM');
  const sent = [await sink.next(), await sink.next(), await sink.next()];
  expect(sent.flatMap(spanNames).toSorted()).toEqual(['thread', 'thread', 'work']);
  child.write('end');
  expect(await child.exit).toMatchObject({ code: 7, signal: null });
});

test('what a worker thread could not send in time is said', async () => {
  const program = withThreads('').replaceAll('60_000', '1000');
  const child = runChild(program, environmentFor(await deadEndpoint()));
  expect(await child.line()).toBe('ready');
  child.kill('SIGTERM');
  const { signal, stderr } = await child.exit;
  expect(signal).toBe('SIGTERM');
  expect(stderr.split('\n').filter((line) => line.includes('1 not sent, 0 not ended'))).toHaveLength(3);
  expect(stderr).not.toContain('worker thread(s)');
});

test('a worker thread that is too busy to answer does not keep the program', async () => {
  const sink = await otlpSink();
  const child = runChild(withThreads('for (;;);'), environmentFor(sink.url));
  expect(await child.line()).toBe('ready');
  child.kill('SIGTERM');
  expect(await child.exit).toEqual({
    code: null,
    signal: 'SIGTERM',
    stderr: '[tracing] warning: 2 worker thread(s) did not send their spans in time\n',
  });
  expect(sink.received.flatMap(spanNames)).toEqual(['work']);
});

test('worker threads that were terminated are not waited for', async () => {
  const sink = await otlpSink();
  const child = runChild(
    `${withThreads('')} await Promise.all(threads.map((thread) => thread.terminate())); console.log('ended');`,
    environmentFor(sink.url),
  );
  expect(await child.line()).toBe('ready');
  expect(await child.line()).toBe('ended');
  expect(await child.exit).toEqual({ code: 0, signal: null, stderr: '' });
  expect(sink.received.flatMap(spanNames)).toEqual(['work']);
});

test('a worker thread that shuts down while the main thread waits for it ends as it wants', async () => {
  const sink = await otlpSink();
  const inThread = `
    const { BroadcastChannel, parentPort } = await import('node:worker_threads');
    const asked = new BroadcastChannel('@org/tracing');
    asked.onmessage = async ({ data }) => {
      if (data.say !== 'flush') return;
      await tracing.shutdown();
      parentPort.postMessage('shut down');
    };`;
  const program = withThreads(inThread).replace('      initTracing(', '      const tracing = initTracing(');
  const child = runChild(
    `${program} for (const thread of threads) thread.once('error', (error) => console.log(error));`,
    environmentFor(sink.url),
  );
  expect(await child.line()).toBe('ready');
  child.kill('SIGTERM');
  expect(await child.exit).toEqual({ code: null, signal: 'SIGTERM', stderr: '' });
  expect(sink.received.flatMap(spanNames).toSorted()).toEqual(['thread', 'thread', 'work']);
});

test('shutdown in a listener of the exit of a worker thread throws nothing', async () => {
  const program = `
    import { Worker } from 'node:worker_threads';
    const source = \`import('@org/tracing-core').then(({ initTracing }) => {
      const tracing = initTracing();
      process.on('exit', () => tracing.shutdown());
      process.exit(3);
    });\`;
    new Worker(source, { eval: true }).once('exit', (code) => { process.exitCode = code; });`;
  const child = runChild(program, environmentFor(await deadEndpoint()));
  expect(await child.exit).toEqual({ code: 3, signal: null, stderr: '' });
});

test('process.exit in a worker thread ends the thread, and its loss is said', async () => {
  const program = `${oneWaits(`exporter: 'none'`)}
    import { Worker } from 'node:worker_threads';
    const source = \`import('@org/tracing-core').then(({ initTracing, withSpan }) => {
      initTracing();
      withSpan('thread', () => undefined);
      process.exit(3);
    });\`;
    new Worker(source, { eval: true }).once('exit', (code) => { process.exitCode = code; });`;
  const child = runChild(program, environmentFor(await deadEndpoint()));
  expect(await child.exit).toEqual({ code: 3, signal: null, stderr: ONE_UNSENT });
});

test('an attempt that hangs does not keep a program that has nothing left to do', async () => {
  const hangs = await otlpSink({ answer: () => new Promise(() => undefined) });
  const program = `${oneWaits('batch: { scheduleDelayMillis: 1 }').replace('60_000', '500')}
    process.stdin.once('data', () => process.stdin.unref());`;
  const child = runChild(program, environmentFor(hangs.url));
  await hangs.next();
  const began = performance.now();
  child.write('go on');
  expect(await child.exit).toMatchObject({
    code: 0,
    signal: null,
    stderr: expect.stringContaining('1 not sent'),
  });
  // An attempt may take ten seconds.
  expect(performance.now() - began).toBeLessThan(5000);
});

test('what a flush could not send is tried once more when a program has nothing left to do', async () => {
  let isUp = false;
  const sink = await otlpSink({
    answer: async () => {
      if (isUp) return {};
      isUp = true;
      return { status: 503 };
    },
  });
  const program = `${oneWaits('batch: { scheduleDelayMillis: 3600000 }')} await tracing.forceFlush();`;
  const { code, stderr } = await runChild(program, environmentFor(sink.url)).exit;
  expect(code).toBe(0);
  expect(stderr).not.toContain('lost');
  expect(sink.received.flatMap(spanNames)).toEqual(['work', 'work']);
});
