import { ROOT_CONTEXT, type Span, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { NodeTracerProvider, SamplingDecision } from '@opentelemetry/sdk-trace-node';
import { expect, onTestFinished, test } from 'vitest';

import { ConsoleSpanProcessor, type ConsoleSpanProcessorOptions } from '../src/sdk/console-span-processor.ts';
import { runChild } from './support/child.ts';
import { collectingStream } from './support/logged.ts';
import { setEnvironment } from './support/started.ts';

interface Printing {
  readonly tracer: Tracer;
  readonly processor: ConsoleSpanProcessor;
  /** The trees printed so far: services, names, details; ids and durations left out. */
  readonly trees: () => string[];
  readonly written: () => string;
}

function printing(
  options: ConsoleSpanProcessorOptions = {},
  terminal: { isTTY?: boolean; columns?: number } = {},
): Printing {
  const { stream, written } = collectingStream();
  const processor = new ConsoleSpanProcessor({ stream: Object.assign(stream, terminal), ...options });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop' }),
    spanProcessors: [processor],
  });
  onTestFinished(() => provider.shutdown());
  const trees = () =>
    written()
      .replaceAll(/ · [\d.]+ (ns|µs|ms|s)\b/g, '')
      .replaceAll(/\n {2}(?=let go|printed in parts)/g, ' · ')
      .replaceAll(/ +INTERNAL.*$/gm, '')
      .replaceAll(/[0-9a-f]{32}|[0-9a-f]{16}/g, 'ID')
      .split('\n\n')
      .slice(0, -1);
  return { tracer: provider.getTracer('test'), processor, trees, written };
}

function childOf(parent: Span, tracer: Tracer, name: string): Span {
  return tracer.startSpan(name, {}, trace.setSpan(ROOT_CONTEXT, parent));
}

test('a trace is printed as a tree when its last open local span ends, and not before', () => {
  const { tracer, trees } = printing();
  const root = tracer.startSpan('root');
  const first = childOf(root, tracer, 'first');
  const second = childOf(first, tracer, 'second');
  first.end();
  root.end();
  expect(trees()).toEqual([]);
  second.setStatus({ code: SpanStatusCode.ERROR, message: 'boom' }).end();
  expect(trees()).toEqual([
    `\
trace ID · 3 spans · 1 error
shop  root
shop  └─ first
shop     └─ ✗ second
               ✗ boom`,
  ]);
});

test('a late child is printed as a second tree that continues the first', () => {
  const { tracer, trees } = printing();
  const root = tracer.startSpan('root');
  root.end();
  childOf(root, tracer, 'late').end();
  tracer.startSpan('another trace').end();
  expect(trees()).toEqual([
    'trace ID · 1 span\nshop  root',
    'trace ID · 1 span · continued\nshop  late\n         ↑ parent span ID not seen here',
    'trace ID · 1 span\nshop  another trace',
  ]);
});

test('interleaved traces are printed each for itself', () => {
  const { tracer, trees } = printing();
  const [one, two] = [tracer.startSpan('one'), tracer.startSpan('two')];
  const child = childOf(one, tracer, 'child of one');
  two.end();
  child.end();
  one.end();
  expect(trees()).toEqual([
    'trace ID · 1 span\nshop  two',
    'trace ID · 2 spans\nshop  one\nshop  └─ child of one',
  ]);
});

test('past the limit of traces the oldest is printed as far as it is known and let go, which is said', () => {
  const { tracer, trees } = printing({ maxTraces: 2 });
  const oldest = tracer.startSpan('oldest');
  childOf(oldest, tracer, 'its child').end();
  const unprinted = tracer.startSpan('nothing of it has ended');
  const third = tracer.startSpan('third');
  const letGo = [
    'trace ID · 1 span · 1 still open · let go: more than 2 traces are open',
    'shop  its child',
    '         ↑ parent span ID not seen here',
  ].join('\n');
  expect(trees()).toEqual([letGo]);
  oldest.end();
  expect(trees()).toEqual([letGo, 'trace ID · 1 span · continued\nshop  oldest']);
  unprinted.end();
  third.end();
  expect(trees().slice(2)).toEqual([
    'trace ID · 1 span\nshop  nothing of it has ended',
    'trace ID · 1 span\nshop  third',
  ]);
});

test('past the limit of spans a trace is printed in parts, which is said, and no span is lost', () => {
  const { tracer, trees } = printing({ maxSpansPerTrace: 2 });
  const root = tracer.startSpan('root');
  for (const name of ['a', 'b', 'c']) childOf(root, tracer, name).end();
  root.end();
  const note = '\n         ↑ parent span ID not seen here';
  expect(trees()).toEqual([
    `trace ID · 2 spans · 1 still open · printed in parts of 2 spans\nshop  a${note}\nshop  b${note}`,
    'trace ID · 2 spans · continued\nshop  root\nshop  └─ c',
  ]);
});

test('memory is bounded: 5,000 traces that never end hold no more than the limit', () => {
  const { tracer, trees, processor } = printing({ maxTraces: 10 });
  for (let count = 0; count < 5000; count += 1) {
    const root = tracer.startSpan(`never ends ${count}`);
    childOf(root, tracer, `child ${count}`).end();
  }
  expect(trees()).toHaveLength(4990);
  return processor.forceFlush().then(() => expect(trees()).toHaveLength(5000));
});

test('forceFlush and shutdown print what is held; after shutdown nothing is printed', async () => {
  const { tracer, trees, processor } = printing();
  const root = tracer.startSpan('root');
  childOf(root, tracer, 'first').end();
  await processor.forceFlush();
  await processor.forceFlush();
  const note = '\n         ↑ parent span ID not seen here';
  expect(trees()).toEqual([`trace ID · 1 span · 1 still open\nshop  first${note}`]);
  childOf(root, tracer, 'second').end();
  await processor.shutdown();
  expect(trees().slice(1)).toEqual([`trace ID · 1 span · continued · 1 still open\nshop  second${note}`]);
  root.end();
  tracer.startSpan('afterwards').end();
  expect(trees()).toHaveLength(2);
});

test('a span that is recorded but not sampled is not printed', () => {
  const { stream, written } = collectingStream();
  const provider = new NodeTracerProvider({
    sampler: { shouldSample: () => ({ decision: SamplingDecision.RECORD }) },
    spanProcessors: [new ConsoleSpanProcessor({ stream })],
  });
  onTestFinished(() => provider.shutdown());
  provider.getTracer('test').startSpan('recorded').end();
  expect(written()).toBe('');
});

test.each([
  ['no terminal', {}, {}, false],
  ['a terminal', { isTTY: true }, {}, true],
  ['a terminal under NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }, false],
  ['a terminal under an empty NO_COLOR, which is none', { isTTY: true }, { NO_COLOR: '' }, true],
  ['a dumb terminal', { isTTY: true }, { TERM: 'dumb' }, false],
])('colours only where stderr is a terminal: %s', (_what, terminal, environment, colored) => {
  setEnvironment({ NO_COLOR: '', TERM: 'xterm', ...environment });
  const { tracer, written } = printing({}, terminal);
  tracer.startSpan('root').end();
  expect(written().includes('\u001b[')).toBe(colored);
});

test('the tree is as wide as the terminal at that moment', () => {
  setEnvironment({ NO_COLOR: '1' });
  const terminal = { isTTY: true, columns: 60 };
  const { tracer, written } = printing({}, terminal);
  const name = 'a long name '.repeat(20);
  tracer.startSpan(name).end();
  expect(
    Math.max(
      ...written()
        .split('\n')
        .map((line) => line.length),
    ),
  ).toBe(60);
});

test('a stream that throws does not reach the code that made the span', () => {
  const stream = Object.assign(collectingStream().stream, {
    write(): boolean {
      throw new Error('closed');
    },
  });
  const { tracer } = printing({ stream });
  expect(() => tracer.startSpan('root').end()).not.toThrow();
});

test('a process without an endpoint prints its trace on stderr, with a line break after it', async () => {
  const { stderr, code } = await runChild(
    `import { initTracing, withSpan } from '@org/tracing-core';
    initTracing({ serviceName: 'program' });
    await withSpan('work', () => withSpan('step', async () => undefined));
    process.exit(0);`,
  ).exit;
  expect(code).toBe(0);
  expect(stderr).toMatch(/^trace [0-9a-f]{32} · 2 spans · \S+ \S+\n/);
  expect(stderr).toMatch(/^program {2}work .*\nprogram {2}└─ step .*\n\n$/m);
});
