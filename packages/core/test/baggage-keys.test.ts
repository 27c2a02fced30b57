import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { expect, onTestFinished, test } from 'vitest';

import { baggageFields, copyBaggage } from '../src/baggage-attributes.ts';
import { baggageSpanProcessor } from '../src/sdk/baggage-span-processor.ts';
import { sharedState } from '../src/shared-state.ts';
import { withBaggage } from '../src/with-baggage.ts';
import { withSpan } from '../src/with-span.ts';
import { logged } from './support/logged.ts';
import { collectWarnings, spansOf, started } from './support/started.ts';

const BAGGAGE = { tenant: 'acme', plan: 'gold', secret: 'hush' };

test('entries that `baggageKeys` names are on spans and lines, others are not (R11)', async () => {
  const { log, lines } = logged();
  const spans = await spansOf(
    () =>
      withBaggage(BAGGAGE, () => {
        withSpan('outer', () => withSpan('inner', () => log.info('a line')));
      }),
    { baggageKeys: ['tenant', 'plan', 'absent'] },
  );
  const entries = { tenant: 'acme', plan: 'gold' };
  expect(spans.map(({ name, attributes }) => [name, attributes])).toEqual([
    ['inner', entries],
    ['outer', entries],
  ]);
  const [line] = lines();
  expect(line).toMatchObject({ message: 'a line', ...entries });
  expect(Object.keys(line ?? {})).not.toContain('secret');
});

test('without the option, and after the end of tracing, nothing is copied (R11)', async () => {
  const { log, lines } = logged();
  const work = (): void => withBaggage(BAGGAGE, () => withSpan('work', () => log.info('a line')));
  expect((await spansOf(work))[0]?.attributes).toEqual({});
  expect((await spansOf(work, { baggageKeys: ['tenant'] }))[0]?.attributes).toEqual({ tenant: 'acme' });
  expect((await spansOf(work))[0]?.attributes).toEqual({});
  expect(lines().map((line) => line['tenant'])).toEqual([undefined, 'acme', undefined]);
  expect(sharedState().baggageKeys).toBeUndefined();
});

test('an attribute that the application gives the span itself stays (R11)', async () => {
  const [span] = await spansOf(
    () =>
      withBaggage(BAGGAGE, () =>
        withSpan('work', { attributes: { tenant: 'own' } }, (work) => work.setAttribute('plan', 'own')),
      ),
    { baggageKeys: ['tenant', 'plan'] },
  );
  expect(span?.attributes).toEqual({ tenant: 'own', plan: 'own' });
});

test('a processor of the application’s sees the entries when the span starts (R11)', async () => {
  const seen: unknown[] = [];
  const watching = {
    onStart: (span: { readonly attributes: object }) => void seen.push({ ...span.attributes }),
    onEnd: () => undefined,
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  await spansOf(() => withBaggage(BAGGAGE, () => withSpan('work', () => undefined)), {
    baggageKeys: ['tenant'],
    spanProcessors: [watching],
  });
  expect(seen).toEqual([{ tenant: 'acme' }]);
});

test('lines have the entries where spans are disabled (R11)', () => {
  const { log, lines } = logged();
  started({ disabled: true, baggageKeys: ['tenant'] });
  withBaggage(BAGGAGE, () => log.info('a line'));
  expect(lines()).toMatchObject([{ tenant: 'acme' }]);
});

test('odd keys and values go through as they are (R11)', async () => {
  const { log, lines } = logged();
  const header = 'constructor=1,k%20=2,quote=%22%0A%22,empty=,__proto__=3';
  const [span] = await spansOf(
    () => {
      context.with(propagation.extract(ROOT_CONTEXT, { baggage: header }), () =>
        withSpan('work', () => log.info('a line')),
      );
    },
    { baggageKeys: ['constructor', 'k%20', 'quote', 'empty', '__proto__'] },
  );
  const entries = { constructor: '1', 'k%20': '2', quote: '"\n"', empty: '' };
  expect({ ...span?.attributes }).toEqual(entries);
  expect(lines()).toMatchObject([entries]);
});

test('each wish counts until it is taken back', () => {
  started({ exporter: 'none' });
  const stopFirst = copyBaggage(['tenant', 'plan']);
  const stopSecond = copyBaggage(['plan']);
  onTestFinished(stopFirst);
  onTestFinished(stopSecond);
  const fields = (): unknown => withBaggage(BAGGAGE, () => baggageFields());
  expect(fields()).toEqual({ tenant: 'acme', plan: 'gold' });
  stopFirst();
  expect(fields()).toEqual({ plan: 'gold' });
  stopFirst();
  stopSecond();
  expect(fields()).toBeUndefined();
});

test('under a provider of the application’s own `baggageSpanProcessor` does it, for lines too (R11)', async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({
    spanProcessors: [baggageSpanProcessor(['tenant']), new SimpleSpanProcessor(exporter)],
  });
  provider.register();
  onTestFinished(() => {
    trace.disable();
    context.disable();
    propagation.disable();
  });
  const { log, lines } = logged();
  withBaggage(BAGGAGE, () => withSpan('work', () => log.info('a line')));
  expect(exporter.getFinishedSpans().map(({ attributes }) => attributes)).toEqual([{ tenant: 'acme' }]);
  expect(lines()).toMatchObject([{ tenant: 'acme' }]);
  await provider.shutdown();
  withBaggage(BAGGAGE, () => log.info('another'));
  expect(lines()[1]).not.toHaveProperty('tenant');
});

test('withBaggage adds to what is there, gives what fn returns, and holds only there (R12)', () => {
  started({ exporter: 'none' });
  const sent = (): unknown => {
    const headers: Record<string, string> = {};
    propagation.inject(context.active(), headers);
    return headers['baggage'];
  };
  const both = withBaggage({ a: '1', b: '2' }, () => withBaggage({ b: 'ü ,;', c: '' }, sent));
  expect(both).toBe('a=1,b=%C3%BC%20%2C%3B,c=');
  expect(sent()).toBeUndefined();
});

test('what cannot be carried is left out and told, undefined is left out alone (R12)', () => {
  const warnings = collectWarnings();
  started({ exporter: 'none' });
  const entries = { 'two words': '1', number: 2, empty: null, absent: undefined, fine: 'yes' };
  const kept = withBaggage(entries as never, () =>
    propagation
      .getActiveBaggage()
      ?.getAllEntries()
      .map(([key, { value }]) => [key, value]),
  );
  expect(kept).toEqual([['fine', 'yes']]);
  expect(warnings).toEqual(
    ['two words', 'number', 'empty'].map(
      (key) => `withBaggage: "${key}" is left out: the key must be a token and the value a text`,
    ),
  );
});

test.each([
  [undefined, () => undefined, 'withBaggage: entries: expected an object; got undefined (undefined)'],
  [{}, 'no function', "withBaggage: the last argument: expected a function; got 'no function' (string)"],
])('withBaggage(%j, %j) is a TypeError', (entries, fn, message) => {
  expect(() => withBaggage(entries as never, fn as never)).toThrow(new TypeError(message));
});

test.each([
  ['tenant', "initTracing: baggageKeys must be an array of keys of baggage; got 'tenant'"],
  [['two words'], "initTracing: baggageKeys must be an array of keys of baggage; got ['two words']"],
  [[''], "initTracing: baggageKeys must be an array of keys of baggage; got ['']"],
  [[7], 'initTracing: baggageKeys must be an array of keys of baggage; got [7]'],
])('baggageKeys: %j is a TypeError', (baggageKeys, message) => {
  expect(() => started({ baggageKeys: baggageKeys as never })).toThrow(new TypeError(message));
});

test('the keys of `baggageSpanProcessor` are checked as well', () => {
  expect(() => baggageSpanProcessor(['two words'])).toThrow(
    new TypeError("baggageKeys: expected an array of keys of baggage; got ['two words'] (object)"),
  );
});
