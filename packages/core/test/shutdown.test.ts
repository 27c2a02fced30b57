import { InMemorySpanExporter, type SpanExporter } from '@opentelemetry/sdk-trace-node';
import { expect, test } from 'vitest';

import { runChild } from './support/child.ts';
import { deadEndpoint, otlpSink, spanNames } from './support/otlp-sink.ts';
import { collectWarnings, oneSpan, started } from './support/started.ts';

/** Makes a span that nothing but a flush will send within the life of the program. */
function makesOneSpan(shutdownTimeoutMillis = 60_000): string {
  return `
    import { initTracing, withSpan } from '@org/tracing-core';
    const tracing = initTracing({ shutdownTimeoutMillis: ${shutdownTimeoutMillis} });
    withSpan('work', () => undefined);
  `;
}
const STAY = `setInterval(() => undefined, 1e9); console.log('ready');`;

function environmentFor(url: string): Record<string, string> {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
}

test('shutdown sends what has ended', async () => {
  const sink = await otlpSink();
  const handle = started({}, environmentFor(sink.url));
  oneSpan();
  await handle.shutdown();
  expect(sink.received.flatMap(spanNames)).toEqual(['span']);
});

test.each<[string, SpanExporter['shutdown']]>([
  ['hangs', () => new Promise(() => undefined)],
  ['rejects', () => Promise.reject(new Error('will not stop'))],
])('shutdown resolves within shutdownTimeoutMillis where an exporter %s', async (_how, shutdown) => {
  const warnings = collectWarnings();
  const exporter = { export: new InMemorySpanExporter().export, shutdown };
  const handle = started({ exporter, shutdownTimeoutMillis: 20 });
  expect(await handle.shutdown()).toBeUndefined();
  expect(warnings).toHaveLength(1);
});

test('a bound that was not needed keeps no program alive', async () => {
  const program = `
    import { initTracing } from '@org/tracing-core';
    const tracing = initTracing({ exporter: 'none', shutdownTimeoutMillis: 3600000 });
    await tracing.forceFlush();
    await tracing.shutdown();
  `;
  expect(await runChild(program).exit).toEqual({ code: 0, signal: null, stderr: '' });
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s flushes, and the program ends by the signal as without us',
  async (signal) => {
    const sink = await otlpSink();
    const child = runChild(makesOneSpan() + STAY, environmentFor(sink.url));
    await child.line();
    child.kill(signal);
    expect(await child.exit).toEqual({ code: null, signal, stderr: '' });
    expect(sink.received.flatMap(spanNames)).toEqual(['work']);
  },
);

test('with a collector that hangs SIGTERM ends the program by the signal after shutdownTimeoutMillis', async () => {
  const hangs = await otlpSink({ answer: () => new Promise(() => undefined) });
  const program = makesOneSpan(100) + STAY;
  const child = runChild(program, environmentFor(hangs.url));
  await child.line();
  child.kill('SIGTERM');
  expect(await child.exit).toEqual({
    code: null,
    signal: 'SIGTERM',
    stderr: expect.stringMatching(/1 span\(s\) were lost at the end of the process: 1 not sent, 0 not ended/),
  });
});

test('a second signal ends the program without waiting for the flush', async () => {
  const hangs = await otlpSink({ answer: () => new Promise(() => undefined) });
  const program = makesOneSpan(3600000) + STAY;
  const child = runChild(program, environmentFor(hangs.url));
  await child.line();
  child.kill('SIGINT');
  await hangs.next();
  child.kill('SIGINT');
  expect(await child.exit).toMatchObject({ code: null, signal: 'SIGINT' });
});

test.each(['on', 'once', 'prependListener', 'prependOnceListener'])(
  'where the application handles SIGTERM by process.%s, the flush only starts and the application decides',
  async (method) => {
    const sink = await otlpSink();
    const handler = `process.${method}('SIGTERM', () => process.stdin.once('data', () => process.exit(7)));`;
    const child = runChild(handler + makesOneSpan() + STAY, environmentFor(sink.url));
    await child.line();
    child.kill('SIGTERM');
    expect(spanNames(await sink.next())).toEqual(['work']);
    child.write('now');
    expect(await child.exit).toEqual({ code: 7, signal: null, stderr: '' });
  },
);

test('a listener that the application adds while the flush runs takes over, and hears nothing twice', async () => {
  let release = (): void => undefined;
  const answer = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held = await otlpSink({ answer: () => answer });
  const program = `${makesOneSpan()}${STAY}
    process.on('SIGUSR2', () => process.exit(9));
    process.stdin.once('data', () => {
      process.on('SIGTERM', () => process.exit(8));
      console.log('added');
      const untilOursIsGone = () => {
        if (process.listenerCount('SIGTERM') > 1) setImmediate(untilOursIsGone);
        // Signals come in the order in which they were sent.
        else process.kill(process.pid, 'SIGUSR2');
      };
      untilOursIsGone();
    });`;
  const child = runChild(program, environmentFor(held.url));
  await child.line();
  child.kill('SIGTERM');
  await held.next();
  child.write('now');
  expect(await child.line()).toBe('added');
  release();
  expect(await child.exit).toEqual({ code: 9, signal: null, stderr: '' });
});

test('a program that has nothing left to do sends its spans and ends with its own exit code', async () => {
  const sink = await otlpSink();
  const program = `${makesOneSpan()} process.exitCode = 5;`;
  expect(await runChild(program, environmentFor(sink.url)).exit).toEqual({
    code: 5,
    signal: null,
    stderr: '',
  });
  expect(sink.received.flatMap(spanNames)).toEqual(['work']);
});

test.each(['refuses', 'hangs'])(
  'a program that has nothing left to do ends within shutdownTimeoutMillis where the collector %s',
  async (how) => {
    const url =
      how === 'hangs'
        ? (await otlpSink({ answer: () => new Promise(() => undefined) })).url
        : await deadEndpoint();
    const program = makesOneSpan(500);
    const child = runChild(`${program} console.log('nothing left to do');`, environmentFor(url));
    await child.line();
    const begin = performance.now();
    expect(await child.exit).toEqual({
      code: 0,
      signal: null,
      stderr: expect.stringMatching(
        /1 span\(s\) were lost at the end of the process: 1 not sent, 0 not ended/,
      ),
    });
    // Left to itself the exporter tries for more than seven seconds.
    expect(performance.now() - begin).toBeLessThan(5000);
  },
);

test('a span processor that works at each flush does not keep a finished program alive', async () => {
  const program = `
    import { initTracing, withSpan } from '@org/tracing-core';
    const busy = {
      onStart() {}, onEnd() {}, shutdown: async () => {},
      forceFlush: () => new Promise((resolve) => setTimeout(resolve, 1)),
    };
    initTracing({ exporter: 'none', spanProcessors: [busy] });
    withSpan('work', () => undefined);
  `;
  expect(await runChild(program).exit).toEqual({ code: 0, signal: null, stderr: '' });
});

/** A program that ends a span each time when it has nothing left to do. */
const BYE = `
  import { initTracing, withSpan } from '@org/tracing-core';
  initTracing({ shutdownTimeoutMillis: 300 });
  withSpan('work', () => undefined);
  process.on('beforeExit', () => withSpan('bye', () => undefined));
`;

test('a span that ends when there is nothing left to do is sent, and does not keep the program alive', async () => {
  const sink = await otlpSink();
  const child = runChild(BYE, environmentFor(sink.url));
  expect(await child.exit).toMatchObject({ code: 0, signal: null });
  expect(sink.received.flatMap(spanNames).slice(0, 2)).toEqual(['work', 'bye']);
});

test('nor does it with a collector that is down', async () => {
  const child = runChild(BYE, environmentFor(await deadEndpoint()));
  expect(await child.exit).toMatchObject({
    code: 0,
    signal: null,
    stderr: expect.stringContaining('were lost at the end of the process'),
  });
});

test('tracing that has nothing to send keeps no program alive', async () => {
  const sink = await otlpSink();
  const program = `import { initTracing } from '@org/tracing-core'; initTracing();`;
  expect(await runChild(program, environmentFor(sink.url)).exit).toEqual({
    code: 0,
    signal: null,
    stderr: '',
  });
  expect(sink.received).toEqual([]);
});

test('after shutdown a signal is none of our business', async () => {
  const sink = await otlpSink();
  const program = `${makesOneSpan()} await tracing.shutdown(); console.log(process.listenerCount('SIGTERM')); ${STAY}`;
  const child = runChild(program, environmentFor(sink.url));
  expect(await child.line()).toBe('0');
  child.kill('SIGTERM');
  expect(await child.exit).toEqual({ code: null, signal: 'SIGTERM', stderr: '' });
  expect(sink.received).toHaveLength(1);
});
