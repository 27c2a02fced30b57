import {
  baggageEntryMetadataFromString,
  type BaggageEntry,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
} from '@opentelemetry/api';
import { expect, test } from 'vitest';

import { BaggagePropagator } from '../src/sdk/baggage-propagator.ts';
import { collectWarnings } from './support/started.ts';

type Read = readonly (readonly [key: string, value: string, metadata?: string])[];

function extract(baggage: string | string[]): Read {
  const context = new BaggagePropagator().extract(ROOT_CONTEXT, { baggage }, defaultTextMapGetter);
  return (propagation.getBaggage(context)?.getAllEntries() ?? []).map(([key, { value, metadata }]) =>
    metadata === undefined ? [key, value] : [key, value, metadata.toString()],
  );
}

function inject(entries: Record<string, BaggageEntry>): string | undefined {
  const sent: { baggage?: string } = {};
  const context = propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage(entries));
  new BaggagePropagator().inject(context, sent, defaultTextMapSetter);
  return sent.baggage;
}

/** What a service sends on that adds nothing. */
function pass(baggage: string | string[]): string | undefined {
  const sent: { baggage?: string } = {};
  const propagator = new BaggagePropagator();
  const context = propagator.extract(ROOT_CONTEXT, { baggage }, defaultTextMapGetter);
  propagator.inject(context, sent, defaultTextMapSetter);
  return sent.baggage;
}

const list = (count: number): string =>
  Array.from({ length: count }, (_none, index) => `key${index}=value`).join(',');

test.each<[string, string | string[], Read]>([
  ['one member', 'user=alice', [['user', 'alice']]],
  [
    'several members',
    'a=1,b=2',
    [
      ['a', '1'],
      ['b', '2'],
    ],
  ],
  [
    'several headers',
    ['a=1,b=2', 'c=3'],
    [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ],
  ],
  [
    'white space everywhere',
    ' \ta \t=\t 1 \t;\t p \t=\t q \t;\t r\t , b = 2 ',
    [
      ['a', '1', 'p=q;r'],
      ['b', '2'],
    ],
  ],
  ['= in a value', 'a=b=c==', [['a', 'b=c==']]],
  [
    'an empty value',
    'a=,b=2',
    [
      ['a', ''],
      ['b', '2'],
    ],
  ],
  ['percent-encoding', 'a=DF%2028%2C%3b', [['a', 'DF 28,;']]],
  ['characters outside ASCII', 'a=%C3%BC%F0%9F%98%80', [['a', 'ü😀']]],
  [
    'what is no UTF-8, replaced',
    'a=x%FFy%C3,b=2',
    [
      ['a', 'x\u{fffd}y\u{fffd}'],
      ['b', '2'],
    ],
  ],
  [
    'a % that begins no encoding',
    'a=50%,b=%zz,c=3',
    [
      ['a', '50%'],
      ['b', '%zz'],
      ['c', '3'],
    ],
  ],
  ['properties', 'a=1;p;q=r=s;t=%20', [['a', '1', 'p;q=r=s;t=%20']]],
  ['a key with every character of a token', "!#$%&'*+-.^_`|~09AZaz=1", [["!#$%&'*+-.^_`|~09AZaz", '1']]],
  ['a key that looks encoded, as it is', 'a%20b=1', [['a%20b', '1']]],
  [
    'keys that objects have',
    '__proto__=1,constructor=2',
    [
      ['__proto__', '1'],
      ['constructor', '2'],
    ],
  ],
  [
    'the last of a key that is there twice',
    'a=1,b=2,a=3',
    [
      ['a', '3'],
      ['b', '2'],
    ],
  ],
  [
    'the difference of case',
    'a=1,A=2',
    [
      ['a', '1'],
      ['A', '2'],
    ],
  ],
])('baggage is read with %s', (_sentence, header, expected) => {
  expect(extract(header)).toEqual(expected);
});

test.each([
  ['no =', 'bad'],
  ['no key', '=bad'],
  ['a key with a space', 'b d=1'],
  ['a key in quotes', '"bad"=1'],
  ['a key outside ASCII', 'ü=1'],
  ['a value with a space', 'bad=1 2'],
  ['a value in quotes', 'bad="1"'],
  ['a backslash', String.raw`bad=1\2`],
  ['a value outside ASCII', 'bad=ü'],
  ['a control character', 'bad=1\u0001'],
  ['a property without a key', 'bad=1;=2'],
  ['an empty property', 'bad=1;'],
  ['a property with a space', 'bad=1;p q'],
  ['nothing', ''],
  ['a member that is too long', `bad=${'x'.repeat(8192)}`],
])('a member that is not valid is left out alone: %s', (_sentence, member) => {
  expect(pass(`a=1,${member},b=2`)).toBe('a=1,b=2');
});

test.each(['', ' ', ',', 'bad', '=', ';'])('nothing is made of %j', (header) => {
  const context = new BaggagePropagator().extract(ROOT_CONTEXT, { baggage: header }, defaultTextMapGetter);
  expect(context).toBe(ROOT_CONTEXT);
});

test.each([
  'a=1,b=2;p;q=r,c==/:?@[]{}()<>',
  'a=%2C%3B%22%5C%20%25,b=%C3%BC',
  `a=${'x'.repeat(8190)}`,
  list(64),
  list(180),
  `a=${'/='.repeat(4000)}`,
])('what is passed on is what came: %.60s', (header) => {
  expect(pass(header)).toBe(header);
});

test('past 180 members and 8192 bytes whole members are left out', () => {
  expect(pass(list(200))).toBe(list(180));
  const long = `a=1,b=${'x'.repeat(8180)},c=3`;
  expect(pass(long)).toBe(long);
  expect(pass(`a=1,b=${'x'.repeat(8190)},c=3`)).toBe('a=1,c=3');
});

test.each<[string, Record<string, BaggageEntry>, string | undefined]>([
  ['plain', { a: { value: '1' } }, 'a=1'],
  ['a value to be encoded', { a: { value: '1, 2;"\\%\n' } }, 'a=1%2C%202%3B%22%5C%25%0A'],
  ['a value outside ASCII', { a: { value: 'ü😀' } }, 'a=%C3%BC%F0%9F%98%80'],
  ['half a surrogate pair', { a: { value: 'x\ud83d' }, b: { value: '2' } }, 'a=x%EF%BF%BD,b=2'],
  ['an empty value', { a: { value: '' } }, 'a='],
  ['a value that is no text', { a: { value: 5 as never } }, 'a=5'],
  ['metadata', { a: { value: '1', metadata: baggageEntryMetadataFromString(' p ; q = r ') } }, 'a=1;p;q=r'],
  ['too much', { a: { value: '1' }, b: { value: 'ü'.repeat(5000) }, c: { value: '3' } }, 'a=1,c=3'],
  ['nothing', {}, undefined],
])("the application's baggage is sent: %s", (_sentence, entries, expected) => {
  const warnings = collectWarnings();
  expect(inject(entries)).toBe(expected);
  expect(warnings).toEqual([]);
});

test.each<[string, Record<string, BaggageEntry>]>([
  ['user id', { 'user id': { value: '1' } }],
  ['', { '': { value: '1' } }],
  ['ü', { ü: { value: '1' } }],
  ['bad', { bad: { value: '1', metadata: baggageEntryMetadataFromString('x\r\nset-cookie: y') } }],
])('a member that cannot be sent is left out, and one warning names it: %j', (key, entries) => {
  const warnings = collectWarnings();
  expect(inject({ ...entries, a: { value: '1' }, 'also bad': { value: '2' } })).toBe('a=1');
  expect(warnings).toEqual([
    `the baggage ${JSON.stringify(key)} is not sent, its key or metadata is not what W3C Baggage allows; ` +
      'this is said once',
  ]);
});

test('fields names the header', () => {
  expect(new BaggagePropagator().fields()).toEqual(['baggage']);
});
