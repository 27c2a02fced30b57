import { expect, test } from 'vitest';

import { W3cTraceState } from '../src/sdk/trace-state.ts';

const parsed = (header: string): string | undefined => W3cTraceState.parse(header)?.serialize();
const members = (count: number, from = 1): string =>
  Array.from({ length: count }, (_none, index) => `k${index + from}=${index + from}`).join(',');

const EVERY_KEY_CHARACTER = 'abcdefghijklmnopqrstuvwxyz0123456789_-*/@';
const EVERY_VALUE_CHARACTER = Array.from({ length: 0x7f - 0x20 }, (_none, index) =>
  String.fromCharCode(0x20 + index),
)
  .filter((character) => character !== ',' && character !== '=')
  .join('');

test.each([
  ['one member', 'a=1', 'a=1'],
  ['their order', 'z=1,a=2,m=3', 'z=1,a=2,m=3'],
  ['white space around members', ' \ta=1 \t , \tb=2\t ', 'a=1,b=2'],
  ['white space at the beginning of a value', 'a=  1,b= 2', 'a=  1,b= 2'],
  ['white space in a value', 'a=1 2', 'a=1 2'],
  ['empty members', ',a=1,, ,\t,b=2,', 'a=1,b=2'],
  ['every character of a key', `${EVERY_KEY_CHARACTER}=1`, `${EVERY_KEY_CHARACTER}=1`],
  ['every character of a value', `a=${EVERY_VALUE_CHARACTER}`, `a=${EVERY_VALUE_CHARACTER}`],
  ['a key that begins with a digit', '1a=1', '1a=1'],
  ['a tenant', 'tenant@vendor=1', 'tenant@vendor=1'],
  ['what level 2 allows of @', 'a@=1,b@@c=2,d@e@f=3', 'a@=1,b@@c=2,d@e@f=3'],
  ['a key of 256 characters', `${'k'.repeat(256)}=1`, `${'k'.repeat(256)}=1`],
  ['a value of 256 characters', `a=${'v'.repeat(256)}`, `a=${'v'.repeat(256)}`],
  ['32 members', members(32), members(32)],
  ['32 members and empty ones', `,${members(32)},,`, members(32)],
  [
    'more than 512 characters',
    `a=${'v'.repeat(256)},b=${'v'.repeat(256)}`,
    `a=${'v'.repeat(256)},b=${'v'.repeat(256)}`,
  ],
])('a tracestate keeps %s', (_sentence, header, expected) => {
  expect(parsed(header)).toBe(expected);
});

test.each([
  ['empty', ''],
  ['only white space', ' \t '],
  ['only empty members', ',, ,'],
  ['33 members', members(33)],
  ['a key that is there twice', 'a=1,b=2,a=3'],
  ['a member that is there twice', 'a=1,a=1'],
  ['a key in upper case', 'a=1,B=2'],
  ['a key that begins with another character', 'a=1,_b=2'],
  ['a key that begins with @', 'a=1,@b=2'],
  ['a key with a dot', 'a=1,b.c=2'],
  ['a space behind a key', 'a=1,b =2'],
  ['a key outside ASCII', 'a=1,ü=2'],
  ['no key', 'a=1,=2'],
  ['a key of 257 characters', `a=1,${'k'.repeat(257)}=2`],
  ['no value', 'a=1,b='],
  ['a value of white space', 'a=1,b=  '],
  ['no =', 'a=1,b'],
  ['two =', 'a=1,b=2=3'],
  ['a value of 257 characters', `a=1,b=${'v'.repeat(257)}`],
  ['a tab in a value', 'a=1,b=2\t3'],
  ['a line break in a value', 'a=1,b=2\n3'],
  ['a value outside ASCII', 'a=1,b=ü'],
  ['a control character', 'a=1,b=\u007f'],
])('a tracestate is dropped as a whole: %s', (_sentence, header) => {
  expect(parsed(header)).toBeUndefined();
});

test('get reads one member', () => {
  const state = W3cTraceState.parse('a= 1,b=2');
  expect([state?.get('a'), state?.get('b'), state?.get('c')]).toEqual([' 1', '2', undefined]);
});

test('set puts a member in front, and changes nothing that was there', () => {
  const state = W3cTraceState.parse('a=1,b=2');
  expect(state?.set('c', '3').serialize()).toBe('c=3,a=1,b=2');
  expect(state?.set('b', '4').serialize()).toBe('b=4,a=1');
  expect(state?.set('b', '4').get('b')).toBe('4');
  expect(state?.serialize()).toBe('a=1,b=2');
});

test('set past 32 members lets the last one go', () => {
  const state = W3cTraceState.parse(members(32));
  expect(state?.set('new', '0').serialize()).toBe(`new=0,${members(31)}`);
  expect(state?.set('k32', '0').serialize()).toBe(`k32=0,${members(31)}`);
});

test.each([
  ['A', '1'],
  ['', '1'],
  ['a', ''],
  ['a', '1,b=2'],
  ['a', '1=2'],
  ['a=b', '1'],
  ['a', ' 1 '],
  ['a', 'ü'],
  ['k'.repeat(257), '1'],
])('set ignores what is not valid: %j = %j', (key, value) => {
  const state = W3cTraceState.parse('x=1');
  expect(state?.set(key, value)).toBe(state);
});

test('unset takes a member away', () => {
  const state = W3cTraceState.parse('a=1,b=2');
  expect(state?.unset('a').serialize()).toBe('b=2');
  expect(state?.unset('a').unset('b').serialize()).toBe('');
  expect(state?.unset('c').serialize()).toBe('a=1,b=2');
  expect(state?.serialize()).toBe('a=1,b=2');
});
