import { SpanKind } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';
import { expect, test, vi } from 'vitest';

import { type ExpectedSpan, traceMatchers } from '../src/vitest.ts';
import { failureOf } from './failure-of.ts';
import { record } from './span-records.ts';

expect.extend(traceMatchers);
vi.stubEnv('COLUMNS', '120');
vi.stubEnv('NO_COLOR', '1');

const DEPTH = 5000;

/** A chain in which each span is below the one before. */
function chain(kindOf: (id: number) => SpanKind = () => SpanKind.INTERNAL, depth = DEPTH): SpanRecord[] {
  return Array.from({ length: depth }, (_, index) =>
    record(index + 1, index === 0 ? undefined : index, 'x', {
      kind: kindOf(index + 1),
      start: 0,
      end: 100,
      serviceName: 'shop',
    }),
  );
}

function tree(depth = DEPTH, last = 'x'): ExpectedSpan {
  let span: ExpectedSpan = { name: last };
  for (let above = 1; above < depth; above += 1) span = { name: 'x', children: [span] };
  return span;
}

test('a chain of thousands of spans matches its tree, and a tree that differs at its end is shown', () => {
  expect(chain()).toMatchTraceTree(tree());
  const failure = failureOf(() => expect(chain()).toMatchTraceTree(tree(DEPTH, 'y')));
  expect(failure).toContain('1 difference:\n  "x" (shop): name: expected "y", got "x"\n');
  expect(failure.split('\n').length).toBeLessThan(150);
});

test('what is missing below a chain, and what is not expected, is counted', () => {
  expect(failureOf(() => expect(chain(undefined, 2)).toMatchTraceTree(tree()))).toContain(
    `missing below "x" (shop): "x", and ${DEPTH - 3} spans below it`,
  );
  expect(failureOf(() => expect(chain()).toMatchTraceTree(tree(2)))).toContain(
    `not expected: "x" (shop), and ${DEPTH - 3} spans below it`,
  );
});

test('a tree that cannot be one is refused however deep it is', () => {
  const deep = tree(DEPTH, undefined);
  expect(() => expect(chain()).not.toMatchTraceTree(tree(DEPTH, 7 as unknown as string))).toThrow(
    'each span needs a name; got {"name":7}',
  );
  expect(() =>
    expect(chain()).not.toMatchTraceTree({ kind: 'SERVER', children: [deep] } as unknown as ExpectedSpan),
  ).toThrow('each span needs a name; got {"kind":"SERVER"}');
});

test('a chain of thousands of spans is continuous, and has one entry', () => {
  const kinds = (id: number): SpanKind => (id === 1 ? SpanKind.SERVER : SpanKind.INTERNAL);
  expect(chain(kinds)).toBeContinuous();
  expect(chain(kinds)).toHaveOneServerSpanPerHop();
  expect(chain(kinds)).not.toHaveLogs([], { message: 'none' });
  expect(chain(kinds).slice(1)).not.toBeContinuous();
});

test('of a chain of thousands of spans below a call, the service without a SERVER span is found', () => {
  const far = chain((id) => (id === 1 ? SpanKind.SERVER : id === 2 ? SpanKind.CLIENT : SpanKind.INTERNAL));
  const spans = far.with(DEPTH - 1, { ...far[DEPTH - 1]!, serviceName: 'stock' });
  expect(failureOf(() => expect(spans).toHaveOneServerSpanPerHop())).toContain(
    '"x" (shop): its hop to stock has no SERVER span',
  );
});

test('a span with very many children is matched too', () => {
  const root = record(1, undefined, 'x', { kind: SpanKind.SERVER, start: 0, end: 100 });
  const calls = Array.from({ length: 200_000 }, (_, index) =>
    record(index + 2, 1, 'y', { start: 0, end: 1 }),
  );
  expect([root, ...calls]).toHaveOneServerSpanPerHop();
});
