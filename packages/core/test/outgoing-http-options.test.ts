import {
  context,
  INVALID_SPAN_CONTEXT,
  propagation,
  ROOT_CONTEXT,
  type Span,
  trace,
} from '@opentelemetry/api';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace-node';
import { expect, onTestFinished, test } from 'vitest';

import { initTracing } from '../src/init-tracing.ts';
import type {
  OutgoingHttpOptions,
  OutgoingRequestInfo,
  OutgoingResponseInfo,
} from '../src/outgoing-http-options.ts';
import { sharedState } from '../src/shared-state.ts';
import { withSpan } from '../src/with-span.ts';
import { callerNames, callers, outgoing, traceparentOf } from './support/outgoing.ts';
import { collectWarnings, setEnvironment } from './support/started.ts';

const withBaggage = propagation.setBaggage(
  ROOT_CONTEXT,
  propagation.createBaggage({ tenant: { value: 'acme' } }),
);

const exclusions: readonly OutgoingHttpOptions['excludedUrls'][] = [
  '/push$,^http://never',
  /\/push$/,
  (url, { method, header }) => url.endsWith('/push') && method === 'GET' && header('X-None') === undefined,
  ['never', (url) => url.endsWith('/push')],
];

test.each(callerNames.flatMap((way) => exclusions.map((excludedUrls) => [way, excludedUrls] as const)))(
  'by %s, an excluded call makes no span and sends no headers, another does: %s (H2)',
  async (way, excludedUrls) => {
    const { url, sent, client } = await outgoing({ excludedUrls: excludedUrls! });
    await context.with(withBaggage, () =>
      withSpan('caller', async () => {
        await callers[way]!(`${url}/push?x=1`);
        await callers[way]!(`${url}/stock?x=/push`);
      }),
    );
    expect(client().attributes['url.full']).toBe(`${url}/stock?x=/push`);
    const carried = sent.map(({ traceparent, baggage }) => [traceparent, baggage]);
    expect(carried).toEqual([
      [undefined, undefined],
      [[traceparentOf(client())], ['tenant=acme']],
    ]);
  },
);

test.each(callerNames)('by %s, nothing is traced and sent where it is disabled (H2)', async (way) => {
  const { url, sent, spans } = await outgoing(false);
  await context.with(withBaggage, () => withSpan('caller', () => callers[way]!(url)));
  expect(spans().map(({ name }) => name)).toEqual(['caller']);
  expect(sent[0]).not.toHaveProperty('traceparent');
  expect(sent[0]).not.toHaveProperty('baggage');
});

test.each(callerNames)('by %s, hooks that throw change nothing and are said so (H3)', async (way) => {
  const warnings = collectWarnings();
  const fail = (): never => {
    throw new Error('hook');
  };
  const { url, sent, client } = await outgoing({ excludedUrls: fail, requestHook: fail, responseHook: fail });
  expect(await withSpan('caller', () => callers[way]!(url))).toBe(200);
  expect(sent[0]?.['traceparent']).toEqual([traceparentOf(client())]);
  expect(warnings).toEqual([
    'excludedUrls: the function threw, so the request is traced: Error: hook',
    'outgoingHttp.requestHook threw, which changes nothing else: Error: hook',
    'outgoingHttp.responseHook threw, which changes nothing else: Error: hook',
  ]);
});

test.each(callerNames)('by %s, hooks see the call and its answer, and add attributes', async (way) => {
  const seen: unknown[] = [];
  const { url, client } = await outgoing(
    {
      requestHook(span: Span, { method, url: full, header }: OutgoingRequestInfo) {
        seen.push(method, full, header('X-Tenant'), header('x-none'));
        span.setAttribute('asked', true);
      },
      responseHook(span: Span, request: OutgoingRequestInfo, { status, header }: OutgoingResponseInfo) {
        seen.push(request.url, status, header('X-Answer'), header('x-none'));
        span.updateName('GET stock');
      },
    },
    { answer: (_request, response) => response.setHeader('x-answer', 'yes').end() },
  );
  await withSpan('caller', () => callers[way]!(`${url}/stock?sig=1`, { 'x-tenant': 'acme' }));
  const full = `${url}/stock?sig=REDACTED`;
  expect(seen).toEqual(['GET', full, 'acme', undefined, full, 200, 'yes', undefined]);
  expect(client()).toMatchObject({ name: 'GET stock', attributes: { asked: true } });
});

test.each(
  callerNames.flatMap((way) => [
    [way, 'no span', withBaggage] as const,
    [way, 'a span with an invalid context', trace.setSpanContext(withBaggage, INVALID_SPAN_CONTEXT)] as const,
  ]),
)('by %s, below %s there is no span by default, and baggage is sent (H4)', async (way, _parent, active) => {
  const { url, sent, spans } = await outgoing();
  await context.with(active, () => callers[way]!(url));
  expect(spans()).toEqual([]);
  expect(sent[0]).not.toHaveProperty('traceparent');
  expect(sent[0]?.['baggage']).toEqual(['tenant=acme']);
});

test.each(
  callerNames.flatMap((way) => [
    [way, 'no span', withBaggage] as const,
    [way, 'a span with an invalid context', trace.setSpanContext(withBaggage, INVALID_SPAN_CONTEXT)] as const,
  ]),
)('by %s, below %s requireParent: false makes a root (H4)', async (way, _parent, active) => {
  const { url, sent, client } = await outgoing({ requireParent: false });
  await context.with(active, () => callers[way]!(url));
  expect(client().parentSpanContext).toBeUndefined();
  expect(sent[0]).toMatchObject({ traceparent: [traceparentOf(client())], baggage: ['tenant=acme'] });
});

test.each(callerNames)('by %s, a parent of another process is a parent (H4)', async (way) => {
  const { url, client } = await outgoing();
  const remote = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1, isRemote: true };
  await context.with(trace.setSpanContext(ROOT_CONTEXT, remote), () => callers[way]!(url));
  expect(client().parentSpanContext).toMatchObject({ spanId: remote.spanId });
});

const captured = {
  'http.request.header.x-tenant': ['acme'],
  'http.request.header.authorization': ['[REDACTED]'],
  'http.response.header.x-answer': ['1', '2'],
  'http.response.header.set-cookie': ['[REDACTED]'],
};

test.each(
  callerNames.flatMap((way) => [
    [
      way,
      'in code',
      { captureHeaders: { request: ['X-Tenant', 'authorization'], response: [/^x-/, 'set-cookie'] } },
      {},
    ] as const,
    [
      way,
      'by the environment',
      {},
      {
        OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST: 'X-Tenant,authorization',
        OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE: 'x-.*,set-cookie',
      },
    ] as const,
  ]),
)('by %s, headers are recorded where asked for %s (H8)', async (way, _where, options, environment) => {
  setEnvironment(environment);
  const { url, client } = await outgoing(options, {
    answer: (_request, response) =>
      response.setHeader('x-answer', ['1', '2']).setHeader('set-cookie', 'secret=1').end(),
  });
  await withSpan('caller', () => callers[way]!(url, { 'x-tenant': 'acme', authorization: 'Bearer hush' }));
  const headers = Object.entries(client().attributes).filter(([name]) => name.includes('.header.'));
  expect(Object.fromEntries(headers)).toEqual(captured);
});

test.each(callerNames)('by %s, no header is recorded by default (H8)', async (way) => {
  setEnvironment({});
  const { url, client } = await outgoing();
  await withSpan('caller', () => callers[way]!(url, { 'x-tenant': 'acme' }));
  expect(JSON.stringify(client().attributes)).not.toContain('.header.');
});

test.each<[OutgoingHttpOptions['redactQuery'], string]>([
  [undefined, 'sig=REDACTED&token=2'],
  [true, 'sig=REDACTED&token=2'],
  [['token'], 'sig=REDACTED&token=REDACTED'],
  [false, 'sig=1&token=2'],
])('redactQuery: %s gives a query of %s', async (redactQuery, expected) => {
  const { url, client } = await outgoing(redactQuery === undefined ? {} : { redactQuery });
  await withSpan('caller', () => callers['http.request']!(`${url}/?sig=1&token=2#part`));
  expect(client().attributes['url.full']).toBe(`${url}/?${expected}`);
});

test.each(callerNames)(
  'by %s, a call that is not sampled is described to nobody, and carries its decision',
  async (way) => {
    const asked: string[] = [];
    sharedState().attributesAtStart = false;
    onTestFinished(() => void delete sharedState().attributesAtStart);
    const { url, sent } = await outgoing(
      { requestHook: () => asked.push('request'), responseHook: () => asked.push('response') },
      { sampler: new AlwaysOffSampler() },
    );
    await withSpan('caller', () => callers[way]!(url));
    expect(asked).toEqual([]);
    expect(sent[0]?.['traceparent']).toEqual([expect.stringMatching(/^00-[\da-f]{32}-[\da-f]{16}-00$/)]);
  },
);

test.each<[OutgoingHttpOptions, string]>([
  [{ requireParent: 1 as never }, 'requireParent: expected true or false; got 1 (number)'],
  [{ requestHook: 'x' as never }, "requestHook: expected a function; got 'x' (string)"],
  [{ responseHook: {} as never }, 'responseHook: expected a function; got an object (object)'],
  [
    { redactQuery: 'sig' as never },
    "redactQuery: expected true, false or an array of keys; got 'sig' (string)",
  ],
  [
    { captureHeaders: { request: 'x' as never } },
    "captureHeaders.request: expected an array of header names and RegExps; got 'x' (string)",
  ],
])('a wrong option is refused: %j', (outgoingHttp, message) => {
  expect(() => initTracing({ outgoingHttp })).toThrow(new TypeError(`initTracing: outgoingHttp.${message}`));
});

test('a wrong pattern of excludedUrls is refused', () => {
  expect(() => initTracing({ outgoingHttp: { excludedUrls: '(' } })).toThrow(
    'initTracing: outgoingHttp.excludedUrls: expected comma-separated regular expressions; got "("',
  );
});

test.each(
  callerNames.flatMap((way) => [
    [way, 'throws', () => throws()] as const,
    [
      way,
      'writes what is no header',
      (headers: object) => Object.assign(headers, { 'x-a': 'a\r\nb' }),
    ] as const,
  ]),
)('by %s, a propagator that %s leaves the call its span', async (way, _what, inject) => {
  const { url, spans } = await outgoing();
  propagation.disable();
  propagation.setGlobalPropagator({
    inject: (_context, headers: object) => void inject(headers),
    extract: (active) => active,
    fields: () => [],
  });
  await withSpan('caller', () => callers[way]!(url));
  expect(spans().map(({ name }) => name)).toEqual(['GET', 'caller']);
});

function throws(): never {
  throw new Error('of the propagator');
}
