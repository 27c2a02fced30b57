import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { type RunningPostgres, startPostgres } from '@org/postgres';
import { buildTraceTree, drawTraceTree, type SpanRecord } from '@org/tracing-core';
import { startOtlpReceiver } from '@org/tracing-testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { built } from './record-hops.ts';

const run = promisify(execFile);
const DOCUMENT = new URL('../../../docs/messages.md', import.meta.url);

/** Each program with the client that it is given, and the drawing below it. */
const programs = [...readFileSync(DOCUMENT, 'utf8').matchAll(/^## [^\0]*?(?=^## |$(?![^\0]))/gm)].flatMap(
  ([section = '']) =>
    [...section.matchAll(/^```js ?(\w*)\n([^\0]*?)^```\n\n```text\n([^\0]*?)^```$/gm)].map(
      ([, client = '', code = '', drawing = ''], index) => ({
        title: `${/^## (.*)$/m.exec(section)?.[1] ?? ''}, program ${index + 1}`,
        client,
        code,
        drawing,
      }),
    ),
);

const GIVEN: Readonly<Record<string, string>> = {
  '': '',
  kafka: 'consumer, producer',
  sqs: 'QueueUrl, sqs',
  amqp: 'channel',
};

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let postgres: RunningPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
  afterAll(() => postgres.stop());
});

/** Without what differs from run to run. */
function comparable(drawing: string): string[] {
  return drawing
    .trim()
    .split('\n')
    .map((line) =>
      line
        .replaceAll(/\b(?:[0-9a-f]{32}|[0-9a-f]{16})\b/g, 'ID')
        .replace(/\d+(\.\d+)? ?(µs|ms|s)\b.*/, 'TIME')
        .replaceAll(/ +/g, ' ')
        .trimEnd(),
    );
}

/** The traces of a program, the first to start first. */
async function tracesOf(program: string): Promise<readonly (readonly SpanRecord[])[]> {
  await using receiver = await startOtlpReceiver();
  const { stderr } = await run(process.execPath, ['--input-type=module', '--eval', program], {
    // Where what the programs import is found.
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, DATABASE_URL: postgres.url },
  });
  expect(stderr).toBe('');
  await receiver.settled();
  const start = ([first]: readonly SpanRecord[]): bigint => first?.startTimeUnixNano ?? 0n;
  return receiver.traces().toSorted((a, b) => Number(start(a) - start(b)));
}

test('docs/messages.md shows a program for each way in which work arrives', () => {
  expect(programs.map(({ title }) => title)).toEqual([
    'A queue, program 1',
    'As a child, program 1',
    'A batch, program 1',
    'A column of a table, program 1',
    'Kafka, program 1',
    'Kafka, program 2',
    'SQS and SNS, program 1',
    'RabbitMQ, program 1',
    'A scheduled job, program 1',
    'A protocol of your own, program 1',
  ]);
});

test.each(programs)('$title draws what docs/messages.md shows', async ({ client, code, drawing }) => {
  const given =
    client && `import { ${GIVEN[client]} } from '${pathToFileURL(built('queue-clients')).href}';\n`;
  const traces = await tracesOf(given + code);
  const drawn = traces.map((trace) => drawTraceTree(buildTraceTree(trace), { width: 90 })).join('\n\n');
  expect(comparable(drawing)).toEqual(comparable(drawn));
});

test('the queue in the README of core is two traces, joined by a link and by the request_id', async () => {
  const readMe = readFileSync(new URL('../../../packages/core/README.md', import.meta.url), 'utf8');
  const code = [...readMe.matchAll(/^```js\n([^\0]*?)^```$/gm)]
    .map(([, block = '']) => block)
    .find((block) => block.includes('withProducerSpan'));
  const [send = [], process = []] = await tracesOf(`
    import { initTracing } from '@org/tracing-core';
    import PgBoss from 'pg-boss';
    initTracing({ serviceName: 'orders', baggageKeys: ['request_id'] });
    const boss = new PgBoss(process.env.DATABASE_URL);
    await boss.start();
    await boss.createQueue('orders');
    ${code}
    await boss.stop();
  `);
  const facts = [...send, ...process].map(({ name, links, attributes }) => ({
    name,
    links: links.map(({ spanId }) => spanId),
    requestId: attributes['request_id'],
  }));
  expect(facts).toEqual([
    { name: 'send orders', links: [], requestId: 'r-1' },
    { name: 'process orders', links: [send[0]?.spanId], requestId: 'r-1' },
  ]);
});
