import { trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { expect, test } from 'vitest';

import type { InitTracingOptions } from '../src/sdk/options.ts';
import { collectWarnings, spansOf } from './support/started.ts';

const SPAN_CONTEXT = { traceId: '1'.repeat(32), spanId: '1'.repeat(16), traceFlags: 1 };
const MANY = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`key${index}`, 'abcdefghij']));

/** A span with 200 of everything. */
function fullSpan(): void {
  const span = trace.getTracer('test').startSpan('full');
  for (const [key, value] of Object.entries(MANY)) {
    span.setAttribute(key, value);
    span.addEvent(key);
    span.addLink({ context: SPAN_CONTEXT });
  }
  span.end();

  const attributed = trace.getTracer('test').startSpan('attributed');
  attributed.addEvent('event', MANY).addLink({ context: SPAN_CONTEXT, attributes: MANY });
  attributed.end();
}

/** How much of it was kept. */
function kept([full, attributed]: readonly ReadableSpan[]): Record<string, unknown> {
  return {
    attributes: Object.keys(full?.attributes ?? {}).length,
    length: String(full?.attributes['key0']).length,
    events: full?.events.length,
    links: full?.links.length,
    eventAttributes: Object.keys(attributed?.events[0]?.attributes ?? {}).length,
    linkAttributes: Object.keys(attributed?.links[0]?.attributes ?? {}).length,
  };
}

const DEFAULTS = {
  attributes: 128,
  length: 10,
  events: 128,
  links: 128,
  eventAttributes: 128,
  linkAttributes: 128,
};

test.each<[Record<string, string>, Partial<typeof DEFAULTS>]>([
  [{}, {}],
  [{ OTEL_ATTRIBUTE_COUNT_LIMIT: '3' }, { attributes: 3 }],
  [{ OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '4' }, { attributes: 4 }],
  [{ OTEL_ATTRIBUTE_COUNT_LIMIT: '3', OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '4' }, { attributes: 4 }],
  [{ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '5' }, { length: 5 }],
  [{ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '5', OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '6' }, { length: 6 }],
  [{ OTEL_SPAN_EVENT_COUNT_LIMIT: '7' }, { events: 7 }],
  [{ OTEL_SPAN_LINK_COUNT_LIMIT: '1' }, { links: 1 }],
  [{ OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '8' }, { eventAttributes: 8 }],
  [{ OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '9' }, { linkAttributes: 9 }],
])('%j bounds what a span holds', async (environment, expected) => {
  // The SDK warns of each span that loses something.
  collectWarnings();
  const spans = await spansOf(fullSpan, {}, environment);
  expect(kept(spans)).toEqual({ ...DEFAULTS, ...expected });
});

test('spanLimits in code win over the environment', async () => {
  collectWarnings();
  const options: InitTracingOptions = {
    spanLimits: {
      attributeValueLengthLimit: 1,
      attributeCountLimit: 2,
      eventCountLimit: 3,
      linkCountLimit: 4,
      attributePerEventCountLimit: 5,
      attributePerLinkCountLimit: 6,
    },
  };
  const environment = {
    OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '9',
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '9',
    OTEL_SPAN_EVENT_COUNT_LIMIT: '9',
    OTEL_SPAN_LINK_COUNT_LIMIT: '9',
    OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '9',
    OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '9',
  };
  expect(kept(await spansOf(fullSpan, options, environment))).toEqual({
    attributes: 2,
    length: 1,
    events: 3,
    links: 4,
    eventAttributes: 5,
    linkAttributes: 6,
  });
});

test.each(['abc', '-1', '1.5', 'Infinity'])(
  'the limit %s is warned about, and the default used',
  async (value) => {
    const warnings = collectWarnings();
    const names = ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'];
    const environment = Object.fromEntries(names.map((name) => [name, value]));
    expect(
      kept(await spansOf(() => trace.getTracer('t').startSpan('empty').end(), {}, environment)),
    ).toBeTruthy();
    expect(warnings).toEqual([
      `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT="${value}" is not a whole number from 1 to 2147483647; no limit is used`,
      `OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT="${value}" is not a whole number from 0 to 2147483647; 128 is used`,
    ]);
  },
);
