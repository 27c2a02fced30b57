import type { SpanRecord } from '@org/tracing-core';
import { type ExpectedSpan, traceMatchers } from '@org/tracing-testing/vitest';
import { beforeAll, expect, test, vi } from 'vitest';

import { chain } from './chain.ts';
import { promised, unpromised } from './promised-attributes.ts';
import { dispatch, type Recording, recordSamples } from './record-samples.ts';

expect.extend(traceMatchers);

// The processes start one after the other.
vi.setConfig({ hookTimeout: 120_000 });

let recording: Recording<number[]>;

beforeAll(async () => {
  recording = await recordSamples('A → B → C', async ({ dispatcher, inventory }) => {
    // At the same time, so that an error could get at the spans of another request.
    const answers = await Promise.all([
      dispatch(dispatcher, { sku: 'broken', quantity: 1 }),
      dispatch(dispatcher, { sku: 'piano', quantity: 1 }),
      dispatch(dispatcher, { sku: 'anvil', quantity: 1 }),
      fetch(`${inventory?.url}/stock/broken`),
    ]);
    return answers.map(({ status }) => status);
  });
});

test('a failure of C is a 502 of A, an unknown article a 404', () => {
  expect(recording.sent).toEqual([502, 404, 200, 500]);
});

/** The spans of the one trace that began at this service and came to this path of C. */
function traceOf(service: string, path: string): readonly SpanRecord[] {
  const [trace = [], ...others] = recording.traces.filter(
    (spans) =>
      spans.some((span) => span.parentSpanId === undefined && span.serviceName === service) &&
      spans.some((span) => span.attributes['url.path'] === path),
  );
  expect(others).toEqual([]);
  return trace;
}

function error(type: string): Pick<ExpectedSpan, 'status' | 'attributes'> {
  return { status: 'ERROR', attributes: { 'error.type': type } };
}

const FINE = { status: 'UNSET', attributes: { 'error.type': undefined } } as const;
const BROKEN = 'SELECT stock_of_last_year';

test('an error in C marks C pg, C server, B client, and B and A, which answer 502 for it', () => {
  expect(traceOf('dispatcher', '/stock/broken')).toMatchTraceTree(
    chain(
      { service: 'dispatcher', kind: 'SERVER', name: 'POST /dispatch', ...error('502') },
      { service: 'dispatcher', kind: 'CLIENT', name: 'POST', ...error('502') },
      { service: 'commander', kind: 'SERVER', name: 'POST /command', ...error('502') },
      { service: 'commander', kind: 'CLIENT', name: 'GET', ...error('500') },
      { service: 'inventory', kind: 'SERVER', name: 'GET /stock/broken', ...error('500') },
      { service: 'inventory', kind: 'CLIENT', name: BROKEN, ...error('42P01') },
    ),
  );
});

test('an error in C that was asked straight marks C pg and C server', () => {
  expect(traceOf('inventory', '/stock/broken')).toMatchTraceTree(
    chain(
      { service: 'inventory', kind: 'SERVER', name: 'GET /stock/broken', ...error('500') },
      { service: 'inventory', kind: 'CLIENT', name: BROKEN, ...error('42P01') },
    ),
  );
});

test('a 404 of C marks the clients that got it, and no server', () => {
  expect(traceOf('dispatcher', '/stock/piano')).toMatchTraceTree(
    chain(
      { service: 'dispatcher', kind: 'SERVER', name: 'POST /dispatch', ...FINE },
      { service: 'dispatcher', kind: 'CLIENT', name: 'POST', ...error('404') },
      { service: 'commander', kind: 'SERVER', name: 'POST /command', ...FINE },
      { service: 'commander', kind: 'CLIENT', name: 'GET', ...error('404') },
      { service: 'inventory', kind: 'SERVER', name: 'GET /stock/:sku', ...FINE },
      { service: 'inventory', kind: 'CLIENT', name: 'SELECT stock article', ...FINE },
    ),
  );
});

test('a request that went well at the same time has no mark', () => {
  expect(traceOf('dispatcher', '/stock/anvil')).toMatchTraceTree(
    chain(
      { service: 'dispatcher', kind: 'SERVER', name: 'POST /dispatch', ...FINE },
      { service: 'dispatcher', kind: 'CLIENT', name: 'POST', ...FINE },
      { service: 'commander', kind: 'SERVER', name: 'POST /command', ...FINE },
      { service: 'commander', kind: 'CLIENT', name: 'GET', ...FINE },
      { service: 'inventory', kind: 'SERVER', name: 'GET /stock/:sku', ...FINE },
      { service: 'inventory', kind: 'CLIENT', name: 'SELECT stock article', ...FINE },
    ),
  );
});

test('the error is one exception event on C pg and one on C server, with its message', () => {
  const events = traceOf('inventory', '/stock/broken').flatMap((span) =>
    span.events.map(({ name, attributes }) => [span.name, name, attributes['exception.message']]),
  );
  const message = 'relation "stock_of_last_year" does not exist';
  expect(events).toEqual([
    [BROKEN, 'exception', message],
    ['GET /stock/broken', 'exception', message],
  ]);
});

test('docs/attributes.md promises every attribute of every span, of the resource and of the log lines', () => {
  const sections = {
    'SERVER span of a request': /^@org\/tracing-(?:fastify|koa|express)$/,
    'CLIENT span of an outgoing call': /^@org\/tracing-core$/,
    'CLIENT span of a query': /^@org\/tracing-pg$/,
  };
  let listed = 0;
  for (const [heading, scopes] of Object.entries(sections)) {
    const spans = recording.spans.filter(({ scope }) => scopes.test(scope.name));
    listed += spans.length;
    const names = spans.flatMap(({ attributes }) => Object.keys(attributes));
    expect(unpromised(names, [...promised('Every span'), ...promised(heading)]), heading).toEqual([]);
  }
  expect(listed).toBe(recording.spans.length);
  const ofResource = recording.spans.flatMap(({ resourceAttributes }) => Object.keys(resourceAttributes));
  expect(unpromised(ofResource, promised('Resource'))).toEqual([]);
  const ofLines = recording.logs.flatMap((line) => Object.keys(line));
  expect(unpromised(ofLines, promised('Log lines'))).toEqual([]);
});

test('the log line of the error carries the exception and the ids of its own hop', () => {
  const trace = traceOf('dispatcher', '/stock/broken');
  const { traceId, spanId } = trace.find(({ name }) => name === 'GET /stock/broken') ?? {};
  const lines = recording.logs.filter((line) => line['span_id'] === spanId);
  expect(lines).toMatchObject([
    {
      level: 'ERROR',
      service: 'inventory',
      trace_id: traceId,
      exception: { message: 'relation "stock_of_last_year" does not exist', stack: expect.any(String) },
    },
  ]);
});
