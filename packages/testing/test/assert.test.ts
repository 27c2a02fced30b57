import { AssertionError } from 'node:assert';
import { spawnSync } from 'node:child_process';

import { SpanKind } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';
import { expect, test } from 'vitest';

import {
  assertContinuous,
  assertLogs,
  assertNoLogs,
  assertOneServerSpanPerHop,
  assertTraceTree,
} from '../src/assert.ts';
import { traceMatchers } from '../src/vitest.ts';
import { errorOf, failureOf } from './failure-of.ts';
import { hex, record } from './span-records.ts';

expect.extend(traceMatchers);

const trace: SpanRecord[] = [
  record(1, undefined, 'POST /orders', { kind: SpanKind.SERVER, serviceName: 'orders' }),
  record(2, 1, 'POST', { kind: SpanKind.CLIENT, serviceName: 'orders' }),
  record(3, 2, 'POST /stock', { kind: SpanKind.SERVER, serviceName: 'stock' }),
];
const broken = [
  ...trace,
  record(4, 1, 'POST /orders', { kind: SpanKind.SERVER, serviceName: 'orders', end: 200 }),
];
const tree = {
  name: 'POST /orders',
  children: [{ name: 'POST', children: [{ name: /^POST / }] }],
};
const line = { level: 'INFO', message: 'ready', trace_id: hex(1, 32), span_id: hex(1, 16) };

const pairs: [name: string, plain: (spans: SpanRecord[]) => void, matcher: (spans: SpanRecord[]) => void][] =
  [
    ['assertContinuous', (spans) => assertContinuous(spans), (spans) => expect(spans).toBeContinuous()],
    [
      'assertOneServerSpanPerHop',
      (spans) => assertOneServerSpanPerHop(spans),
      (spans) => expect(spans).toHaveOneServerSpanPerHop(),
    ],
    [
      'assertTraceTree',
      (spans) => assertTraceTree(spans, tree),
      (spans) => expect(spans).toMatchTraceTree(tree),
    ],
    [
      'assertLogs',
      (spans) => assertLogs(spans, spans === trace ? [line] : [], { message: 'ready' }),
      (spans) => expect(spans).toHaveLogs(spans === trace ? [line] : [], { message: 'ready' }),
    ],
    [
      'assertNoLogs',
      (spans) => assertNoLogs(spans, spans === trace ? [] : [line], { message: 'ready' }),
      (spans) => expect(spans).not.toHaveLogs(spans === trace ? [] : [line], { message: 'ready' }),
    ],
  ];
test.each(pairs)('%s throws an AssertionError with the text of its matcher', (name, plain, matcher) => {
  plain(trace);
  matcher(trace);
  const error = errorOf(() => plain(broken));
  expect(error).toBeInstanceOf(AssertionError);
  expect(error).toMatchObject({ operator: name, code: 'ERR_ASSERTION' });
  expect(error.message).toBe(failureOf(() => matcher(broken)));
  // Who reads it wants the test, not the kit.
  expect(error.stack?.split('\n').find((each) => each.startsWith('    at '))).toContain('assert.test.ts');
});

test('without vitest all but /contract load, and work', () => {
  const dist = new URL('../dist/', import.meta.url).href;
  const hooks = `export async function resolve(name, context, next) {
    if (name === 'vitest') throw new Error('vitest is not installed');
    return next(name, context);
  }`;
  const program = `
    import { register } from 'node:module';
    register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)});
    const { assertContinuous } = await import('${dist}assert.js');
    const { collectSpans } = await import('${dist}index.js');
    const { traceMatchers } = await import('${dist}vitest.js');
    const spans = collectSpans();
    spans.tracer.startSpan('x').end();
    assertContinuous(spans.spans);
    await spans.close();
    const reason = await import('${dist}contract.js').catch((error) => error.message);
    console.log(reason);`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  });
  expect(stdout).toBe('vitest is not installed\n');
});
