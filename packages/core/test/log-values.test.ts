import { format } from 'node:util';
import { runInNewContext } from 'node:vm';

import { expect, test } from 'vitest';

import { logged, type LogLine } from './support/logged.ts';

/** The line that one call writes. */
function lineOf(...args: readonly unknown[]): LogLine {
  const shop = logged();
  shop.log.info(...args);
  const lines = shop.lines();
  expect(lines).toHaveLength(1);
  return lines[0] ?? {};
}

const circular: Record<string, unknown> = { name: 'loop' };
circular['self'] = circular;
class Order {
  readonly id = 7;
}

test.each<[string, readonly unknown[]]>([
  ['text', ['plain']],
  ['a lone percent sign', ['100%']],
  ['%s %d %i %f', ['%s has %d of %i, %f', 'a-1', '4.5', '4.5', '4.5']],
  ['%j %o %O', ['%j and %o and %O', { a: 1 }, [1, { b: 2 }], { c: { d: 1 } }]],
  ['%c %% and an unknown one', ['%c styled %% %x %s', 'color: red', 'end']],
  ['a placeholder without a value', ['%s']],
  ['more values than placeholders', ['too many', 'texts', 5, true, null, undefined, 5n, Symbol('s')]],
  ['lists, maps and sets', ['a list', [1, 2, { c: 3 }], new Map([['k', 1]]), new Set([1])]],
  ['circular values', ['%s %j %o', circular, circular, circular]],
  ['a first value that is no text', [42, '%s', 'end']],
  ['functions', ['%s', () => 'a function']],
  ['instances', ['an instance', new Order()]],
])('the message is what util.format makes of the arguments: %s', (_what, args) => {
  expect(lineOf(...args)['message']).toBe(format(...args));
});

test('the members of plain objects are fields, wherever they stand', () => {
  expect(lineOf('order %s', 'a-1', { items: 3 }, { paid: true })).toMatchObject({
    message: 'order a-1',
    items: 3,
    paid: true,
  });
  expect(lineOf({ items: 3 }, 'order %s', 'a-1')).toMatchObject({ message: 'order a-1', items: 3 });
  expect(lineOf('by two', { a: 1, b: 1 }, { b: 2 })).toMatchObject({ a: 1, b: 2 });
  expect(lineOf('by toJSON', { toJSON: () => ({ items: 3 }) })).toMatchObject({ items: 3 });
  expect(lineOf('of another realm', runInNewContext('({ items: 3 })'))).toMatchObject({ items: 3 });
});

test('%% is one percent sign where fields or an error stand beside the text, as in util.format', () => {
  expect(lineOf('%%s is 100%%', { a: 1 })).toMatchObject({ message: '%s is 100%', a: 1 });
  expect(lineOf('%%s of %s', 'a-1', { a: 1 })).toMatchObject({ message: '%s of a-1', a: 1 });
});

test('an object alone is fields, and the message shows it to a person', () => {
  expect(lineOf({ order: 'a-1' })).toMatchObject({ message: "{ order: 'a-1' }", order: 'a-1' });
});

test('no arguments make an empty message', () => {
  expect(lineOf()['message']).toBe('');
});

test.each<[string, unknown, unknown]>([
  ['circular values', circular, { name: 'loop', self: '[Circular]' }],
  ['BigInt', [1n, 2n ** 64n], ['1', '18446744073709551616']],
  ['maps', new Map<unknown, unknown>([['k', new Map([[1, 2n]])]]), { k: { 1: '2' } }],
  ['sets', new Set([1, new Set(['a'])]), [1, ['a']]],
  ['dates', [new Date(0), new Date(Number.NaN)], ['1970-01-01T00:00:00.000Z', null]],
  ['symbols and functions', [Symbol('s'), () => 1], ['Symbol(s)', '[Function]']],
  ['undefined', { gone: undefined, list: [undefined] }, { list: [null] }],
  ['numbers that JSON lacks', [Number.NaN, Infinity, -0], [null, null, 0]],
  [
    'throwing getters',
    {
      ok: 1,
      get bad() {
        throw new Error('no');
      },
    },
    { ok: 1, bad: '[Throws no]' },
  ],
  [
    'throwing toJSON',
    {
      toJSON() {
        throw new Error('no');
      },
    },
    '[Throws no]',
  ],
  [
    'a toJSON that gives itself',
    {
      a: 1,
      toJSON() {
        return this;
      },
    },
    { a: 1, toJSON: '[Function]' },
  ],
  [
    'a thrown value that throws',
    {
      get bad() {
        throw {
          get message() {
            throw new Error('deeper');
          },
        };
      },
    },
    { bad: '[Throws]' },
  ],
  ['newlines and controls', 'a\nb\r\u0000\u001b\u2028\u2029', 'a\nb\r\u0000\u001b\u2028\u2029'],
  [
    'buffers and typed arrays',
    [Buffer.from('abc'), new Float64Array(2)],
    ['[Buffer, 3 bytes]', '[Float64Array, 16 bytes]'],
  ],
  [
    'boxed values and expressions',
    [Object('text'), Object(1), /x/g, new URL('http://a/')],
    ['text', 1, '/x/g', 'http://a/'],
  ],
  ['instances', new Order(), { id: 7 }],
  ['objects without a prototype', Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }],
  [
    'a proxy that refuses',
    new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no');
        },
      },
    ),
    '[Throws no]',
  ],
  ['a revoked proxy', revokedProxy(), expect.any(String)],
  ['the key __proto__', JSON.parse('{"__proto__": 1}'), JSON.parse('{"__proto__": 1}')],
])('%s in a field give exactly one valid line', (_what, value, expected) => {
  const line = lineOf('text', { value });
  expect(line['message']).toBe('text');
  expect(line['value']).toEqual(expected);
});

function revokedProxy(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

test.each<[string, readonly unknown[]]>([
  [
    'an object whose toString throws',
    [
      '%s',
      {
        toString() {
          throw new Error('no');
        },
      },
    ],
  ],
  [
    'an object whose valueOf throws',
    [
      '%d',
      {
        valueOf() {
          throw new Error('no');
        },
      },
    ],
  ],
  [
    'an object whose inspection throws',
    [
      new Order(),
      {
        [Symbol.for('nodejs.util.inspect.custom')]() {
          throw new Error('no');
        },
      },
    ],
  ],
  ['%j of a BigInt', ['%j', { big: 1n }]],
  ['a revoked proxy', [revokedProxy(), 'text', revokedProxy()]],
  [
    'a proxy that refuses',
    [
      new Proxy(
        {},
        {
          ownKeys() {
            throw new Error('no');
          },
          getPrototypeOf() {
            throw new Error('no');
          },
        },
      ),
    ],
  ],
  [
    'a plain proxy that refuses its keys',
    [
      'text',
      new Proxy(
        {},
        {
          ownKeys() {
            throw new Error('no');
          },
        },
      ),
      { a: 1 },
    ],
  ],
  ['lone surrogates', ['\ud800 text \udc00']],
  [
    'a sparse array of four thousand million',
    ['text', { list: Array.from({ length: 0 }).concat(Object.assign([], { length: 4_000_000_000 })) }],
  ],
])('%s as an argument gives exactly one valid line', (_what, args) => {
  expect(lineOf(...args)).toMatchObject({ level: 'INFO', message: expect.any(String) });
});

test('line separators that JSON leaves as they are cannot split a line', () => {
  const shop = logged();
  shop.log.info('a\u2028b', { 'k\u2029': 'c\u2028' });
  expect(shop.lines()).toMatchObject([{ message: 'a\u2028b', 'k\u2029': 'c\u2028' }]);
});

test('huge values are cut, and say so', () => {
  const line = lineOf('m'.repeat(1_000_000), {
    text: 't'.repeat(1_000_000),
    after: 'never reached',
  });
  expect(line['message']).toMatch(/^m{65536}… \[934464 more characters\]$/);
  expect(line['text']).toMatch(/^t+… \[\d+ more characters\]$/);
  expect(line['…']).toBe('[Truncated]');

  const many = lineOf('text', { list: Array.from({ length: 1_000_000 }, (_, index) => index) });
  const list = many['list'] as unknown[];
  expect(list.at(-1)).toBe('[Truncated]');
  expect(list.length).toBeGreaterThan(1000);
  expect(JSON.stringify(many).length).toBeLessThan(200_000);
});

test('values below the tenth level are left out, and say so', () => {
  let deep: unknown = 'bottom';
  for (let level = 0; level < 100_000; level += 1) deep = { deep };
  expect(JSON.stringify(lineOf('text', { deep }))).toContain('"[Too deep]"');
});

test('an object that is logged twice in one line is not circular', () => {
  const shared = { a: 1 };
  expect(lineOf('text', { one: shared, two: [shared, shared] })).toMatchObject({
    one: { a: 1 },
    two: [{ a: 1 }, { a: 1 }],
  });
});
