import { readdirSync, readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { runChild } from './support/child.ts';
import { deadEndpoint, otlpSink } from './support/otlp-sink.ts';

/** The code blocks of a document, each with its language. */
function blocksOf(name: string): readonly { language: string; text: string }[] {
  const document = readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
  return [...document.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, language = '', text = '']) => ({
    language,
    text,
  }));
}

/** The blocks of one language. */
function textsOf(name: string, language: string): readonly string[] {
  return blocksOf(name).flatMap((block) => (block.language === language ? [block.text] : []));
}

/** Lines without addresses and figures. */
function comparable(text: string): readonly string[] {
  return text
    .trim()
    .split('\n')
    .map((line) =>
      line
        .replaceAll(/localhost|127\.0\.0\.1/g, 'HOST')
        .replaceAll(/\b[\da-f]{32}\b|\b[\da-f]{16}\b/g, 'ID')
        .replaceAll(/\d+(?:\.\d+)?/g, 'N'),
    );
}

test.each([
  ['delivery.md', ['js', 'text', 'text', 'text']],
  ['doctor.md', ['sh', 'text', 'js']],
  ['soak.md', ['sh', 'js', 'text']],
  ['hostile-input.md', []],
])('the blocks of docs/%s are those that are tested', (name, languages) => {
  expect(blocksOf(name).map(({ language }) => language)).toEqual(languages);
});

test('docs/delivery.md: the program prints the report that stands below it', async () => {
  const [program = ''] = textsOf('delivery.md', 'js');
  const [report = ''] = textsOf('delivery.md', 'text');
  const child = runChild(program);
  const lines: string[] = [];
  for (const _ of report.trim().split('\n')) lines.push(await child.line());
  expect(lines).toEqual(report.trim().split('\n'));
  expect(await child.exit).toEqual({ code: 0, signal: null, stderr: '' });
});

test('docs/delivery.md: what is said when spans do not arrive, and when they do again', async () => {
  const endpoint = await deadEndpoint();
  const child = runChild(
    `
    import { initTracing } from '@org/tracing-core';
    const { tracer } = initTracing({ serviceName: 'shop', batch: { scheduleDelayMillis: 0 } });
    const write = process.stderr.write.bind(process.stderr);
    process.stderr.write = (...line) => { console.log('said'); return write(...line); };
    tracer.startSpan('order').end();
    setInterval(() => {}, 1000);`,
    { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
  );
  await child.line();
  const sink = await otlpSink({ port: Number(new URL(endpoint).port) });
  await sink.next();
  await child.line();
  child.kill('SIGTERM');
  const { stderr } = await child.exit;
  const [fails, , again] = comparable(textsOf('delivery.md', 'text')[1] ?? '');
  expect(comparable(stderr)).toEqual([fails, again]);
});

test('docs/delivery.md: what is said of spans that are lost at the end', async () => {
  const child = runChild(`
    import { initTracing } from '@org/tracing-core';
    const { tracer } = initTracing({ otlp: { endpoint: 'http://localhost:9' } });
    tracer.startSpan('sent').end();
    tracer.startSpan('open');
    process.exit();`);
  const { stderr } = await child.exit;
  expect(comparable(stderr)).toEqual(comparable(textsOf('delivery.md', 'text')[2] ?? ''));
});

test('docs/doctor.md: the program tells its report on a signal', async () => {
  const [program = ''] = textsOf('doctor.md', 'js');
  const child = runChild(`${program}
    process.stderr.write = (report) => { console.log(report); clearInterval(alive); };
    const alive = setInterval(() => {}, 1000);
    process.kill(process.pid, 'SIGUSR2');`);
  expect(await child.line()).toMatch(/^tracing-doctor: 1 problem, \d notes in this process$/);
  expect(await child.exit).toEqual({ code: 0, signal: null, stderr: '' });
});

test('docs/doctor.md lists each code, and no other', () => {
  const folder = new URL('../src/doctor/', import.meta.url);
  const source = readdirSync(folder)
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .join('\n');
  const codes = [...source.matchAll(/\b(?:problem|note|ok)\(\s*'([a-z\d-]+)'/g)].map(([, code = '']) => code);
  const document = readFileSync(new URL('../../../docs/doctor.md', import.meta.url), 'utf8');
  const rows = document.match(/^\| (?:`[a-z][a-z\d-]*`(?:, )?)+ /gm) ?? [];
  const listed = rows.flatMap((row) => [...row.matchAll(/`([a-z\d-]+)`/g)].map(([, code = '']) => code));
  expect(new Set(listed)).toEqual(new Set(codes));
});

test('docs/soak.md: a span that stays open is told of as it shows', async () => {
  const [program = ''] = textsOf('soak.md', 'js');
  const [line = ''] = textsOf('soak.md', 'text');
  expect(program).toContain('10_000');
  const { stderr } = await runChild(
    `${program.replace('10_000', '1')}
    import { trace } from '@opentelemetry/api';
    function reserveStock() {
      trace.getTracer('shop').startSpan('reserve');
    }
    function placeOrder() {
      reserveStock();
    }
    placeOrder();
    const write = process.stderr.write.bind(process.stderr);
    process.stderr.write = (text) => { clearInterval(alive); return write(text); };
    const alive = setInterval(() => {}, 1000);`,
    { OTEL_TRACES_EXPORTER: 'none' },
  ).exit;
  // The programs are in different files, and what `--eval` runs has one more place without a name.
  const withoutPlaces = (said: string): readonly string[] =>
    comparable(said.replaceAll(/\(.*?\)/g, '()').replace(/, called from [^,()]*$/m, ''));
  expect(withoutPlaces(stderr)).toEqual(withoutPlaces(line));
});
