import { join } from 'node:path';

import { expect, test } from 'vitest';

import { runChild } from './support/child.ts';
import { installWithout } from './support/install-without.ts';
import { metricSink, seriesOf } from './support/metric-sink.ts';

/** Tells which packages of metrics are asked for by code that is not OpenTelemetry's own. */
const WATCH = `
  import { Module } from 'node:module';
  const asked = new Set();
  const load = Module._load;
  Module._load = function (name, parent, ...rest) {
    const own = /@opentelemetry[/+]otlp-transformer/.test(parent?.filename ?? '');
    if (/sdk-metrics|exporter-metrics/.test(name) && !own) asked.add(name.replace(/.*(sdk-metrics|exporter-metrics-otlp-[a-z]+).*/, '$1'));
    return Reflect.apply(load, this, [name, parent, ...rest]);
  };
  const { durationMetric, initTracing, withSpan } = await import('@org/tracing-core');
  function measure() {
    const description = { name: 'test.duration', description: 'Of a test.', boundaries: [1] };
    durationMetric({ name: 'test', version: '1' }, description).record(0.5, { a: 'b' });
  }
`;

test.each([
  ['nothing', '{}', {}, []],
  ['OTEL_METRICS_EXPORTER=none', '{}', { OTEL_METRICS_EXPORTER: 'none' }, []],
  ['metrics: true', '{ metrics: true }', {}, ['sdk-metrics']],
  [
    'OTEL_METRICS_EXPORTER=otlp',
    '{}',
    { OTEL_METRICS_EXPORTER: 'otlp' },
    // The second builds on the third.
    ['sdk-metrics', 'exporter-metrics-otlp-proto', 'exporter-metrics-otlp-http'],
  ],
])(
  'the packages of metrics are loaded where metrics are asked for: %s',
  async (_what, options, environment, expected) => {
    const program = `${WATCH}
    const tracing = initTracing(${options});
    withSpan('work', () => undefined);
    console.log(JSON.stringify([...asked]));
    process.exit();
  `;
    const child = runChild(program, { OTEL_TRACES_EXPORTER: 'none', ...environment });
    expect(JSON.parse(await child.line())).toEqual(expected);
    expect((await child.exit).stderr).toBe('');
  },
);

test('without a collector metrics are printed on stderr when the program ends', async () => {
  const child = runChild(`${WATCH} initTracing({ metrics: true }); measure(); measure();`, {
    OTEL_TRACES_EXPORTER: 'none',
  });
  expect(await child.exit).toEqual({
    code: 0,
    signal: null,
    stderr: 'metric test.duration {a=b} count 2, sum 1 s, min 0.5 s, max 0.5 s\n',
  });
});

test('metrics are sent when the program has nothing left to do, once', async () => {
  const sink = await metricSink();
  const child = runChild(`${WATCH} initTracing(); measure();`, sink.environment);
  expect(await child.exit).toEqual({ code: 0, signal: null, stderr: '' });
  expect(sink.received.flatMap(seriesOf)).toMatchObject([{ name: 'test.duration', count: 1 }]);
});

test('metrics are sent on SIGTERM', async () => {
  const sink = await metricSink();
  const program = `${WATCH} initTracing(); measure(); setInterval(() => undefined, 1e9); console.log('ready');`;
  const child = runChild(program, sink.environment);
  await child.line();
  child.kill('SIGTERM');
  expect(await child.exit).toEqual({ code: null, signal: 'SIGTERM', stderr: '' });
  expect(sink.received.flatMap(seriesOf)).toMatchObject([{ name: 'test.duration', count: 1 }]);
});

test('a collector that is not there holds the end of the program for the time of shutdown alone', async () => {
  const sink = await metricSink({ answer: () => new Promise(() => undefined) });
  const program = `${WATCH} initTracing({ shutdownTimeoutMillis: 50 }); measure();`;
  const { code, stderr } = await runChild(program, {
    ...sink.environment,
    OTEL_EXPORTER_OTLP_TIMEOUT: '3600000',
  }).exit;
  expect(code).toBe(0);
  expect(stderr).toMatch(/^\[tracing\] warning: /);
});

test.each([
  [['sdk-metrics'], 'otlp'],
  [['exporter-metrics-otlp-proto'], 'otlp'],
  [['sdk-metrics', 'exporter-metrics-otlp-proto'], 'otlp'],
  [['sdk-metrics'], 'console'],
])('without %j one error names what is missing, and the application goes on', async (missing, exporter) => {
  const elsewhere = installWithout(...missing);
  const program = `
    process.chdir(${JSON.stringify(elsewhere)});
    const { initTracing, withSpan } = await import(${JSON.stringify(join(elsewhere, 'program.mjs'))});
    const { forceFlush, shutdown } = initTracing();
    console.log(withSpan('work', () => 'the application goes on'));
    await forceFlush();
    await shutdown();
  `;
  const child = runChild(program, { OTEL_METRICS_EXPORTER: exporter, OTEL_TRACES_EXPORTER: 'none' });
  expect(await child.line()).toBe('the application goes on');
  const names = missing.map((name) => `@opentelemetry/${name}`);
  expect(await child.exit).toEqual({
    code: 0,
    signal: null,
    stderr:
      `[tracing] error: metrics need ${names.join(' and ')}; install beside the application: ` +
      `npm install ${names.join(' ')}. No metrics are recorded.\n`,
  });
});
