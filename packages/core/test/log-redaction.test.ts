import { format } from 'node:util';

import { expect, onTestFinished, test, vi } from 'vitest';

import { LOG_FORMATS } from '../src/log-formats.ts';
import { logged } from './support/logged.ts';
import { configureLogging } from '../src/configure-logging.ts';
import { collectingStream, freshLoglevel } from './support/logged.ts';

const REDACT = ['password', /token/i];

test('values of fields that are named are [REDACTED], at any depth, in any case of letters', () => {
  const shop = logged({ redact: REDACT });
  shop.log.info('login', {
    user: 'ada',
    Password: 'secret',
    accessToken: 'secret',
    nested: { list: [{ password: { deep: 'secret' } }], map: new Map([['password', 'secret']]) },
    passwords: 2,
  });
  expect(shop.lines()[0]).toMatchObject({
    user: 'ada',
    Password: '[REDACTED]',
    accessToken: '[REDACTED]',
    nested: { list: [{ password: '[REDACTED]' }], map: { password: '[REDACTED]' } },
    passwords: 2,
  });
});

test('exceptions, their causes and what the option "fields" gives are redacted too', () => {
  const shop = logged({ redact: [...REDACT, 'code'], fields: () => ({ token: 'secret' }) });
  const error = new Error('boom', { cause: { user: 'ada', password: 'secret' } });
  shop.log.error('failed', Object.assign(error, { code: 'secret' }), { err: 5 });
  const [line] = shop.lines();
  expect(line).toMatchObject({
    token: '[REDACTED]',
    exception: { code: '[REDACTED]', cause: { user: 'ada', password: '[REDACTED]' } },
  });
  expect(JSON.stringify(line)).not.toContain('secret');
});

class Session {
  readonly user = 'ada';
  readonly token = 'secret';
}

const circular: Record<string, unknown> = { password: 'secret' };
circular['self'] = circular;

test.each<[string, readonly unknown[], string]>([
  ['an object alone', [{ user: 'ada', password: 'secret' }], "{ user: 'ada', password: '[REDACTED]' }"],
  ['%j', ['of %j', { password: 'secret' }], 'of {"password":"[REDACTED]"}'],
  ['%o', ['of %O', { password: 'secret' }], "of { password: '[REDACTED]' }"],
  ['an instance', ['a session:', new Session()], "a session: { user: 'ada', token: '[REDACTED]' }"],
  ['a list', ['all:', [{ token: 'secret' }]], "all: [ { token: '[REDACTED]' } ]"],
  ['a map', ['map:', new Map([['token', 'secret']])], "map: { token: '[REDACTED]' }"],
  ['a circle', ['%j', circular], '{"password":"[REDACTED]","self":"[Circular]"}'],
  [
    'an error',
    ['%O', Object.assign(new Error('x'), { token: 'secret' }), 1],
    expect.stringMatching(/x/) as string,
  ],
])('the message shows no secret of %s', (_what, args, message) => {
  const shop = logged({ redact: REDACT });
  shop.log.info(...args);
  expect(shop.lines()[0]?.['message']).toEqual(message);
  expect(JSON.stringify(shop.lines())).not.toContain('secret');
});

const INNER = Symbol('inner');

class WithSymbol {
  readonly [INNER] = { password: 'secret' };
}

const HEADERS = new Headers({ password: 'secret' });
const LOOP: unknown[] = [{ [INNER]: { password: 'secret' } }];
LOOP.push(LOOP);

test.each<[string, readonly unknown[]]>([
  ['Headers', ['got', HEADERS]],
  ['a Request', ['got', new Request('http://127.0.0.1/', { headers: HEADERS })]],
  ['Headers in an object', [{ headers: HEADERS }]],
  ['Headers in lists', ['got', [['a', HEADERS]]]],
  ['URLSearchParams', ['%o', new URLSearchParams({ password: 'secret' })]],
  ['a symbol of an instance', ['got', new WithSymbol()]],
  ['a symbol of an object', ['got', LOOP]],
  ["a symbol's name", ['got', [{ [Symbol('password')]: 'secret' }]]],
  ['a property that is not enumerable', ['%o', Object.defineProperty({}, 'password', { value: 'secret' })]],
  ['the key of a map', ['got', new Map([[{ password: 'secret' }, 1]])]],
  ['a promise', ['got', Promise.resolve({ password: 'secret' })]],
  ['an iterator', ['got', new Set([{ password: 'secret' }]).values()]],
  ['a proxy', ['%o', new Proxy({ password: 'secret' }, { ownKeys: () => [] })]],
  ['a function', ['got', [Object.assign(() => 1, { password: 'secret' })]]],
  ['toJSON', ['%j', [{ toJSON: () => ({ password: 'secret' }) }]]],
  ['errors of an error', ['%o', new AggregateError([{ password: 'secret' }])]],
])('the message shows no secret that util.format alone sees: %s', (_what, args) => {
  expect(format(...args)).toContain('secret');
  const shop = logged({ redact: REDACT });
  shop.log.info(...args);
  expect(shop.lines()).toHaveLength(1);
  expect(JSON.stringify(shop.lines())).not.toContain('secret');
});

/** How often the option asks for a name while `args` are logged. */
function asked(...args: readonly unknown[]): number {
  const asks = vi.spyOn(RegExp.prototype, 'test');
  onTestFinished(() => asks.mockRestore());
  asks.mockClear();
  logged({ redact: [/secret/] }).log.info(...args);
  return asks.mock.contexts.filter((each) => String(each) === '/secret/').length;
}

test('bytes are not looked through, an object only once, and of the largest a part', () => {
  expect(asked('%s', Buffer.alloc(5000))).toBe(0);
  // Each of six lists has six times the next six: 6 ** 6 paths.
  let layer: unknown[] = [];
  for (let depth = 0; depth < 6; depth += 1) layer = Array.from({ length: 6 }, () => [...layer, { depth }]);
  expect(asked('%s', layer)).toBeLessThan(100);
  const many = Array.from({ length: 40_000 }, (_, id) => ({ id }));
  expect(asked('%s', new Set(many))).toBeLessThan(30_000);
  expect(asked('%s', many)).toBeLessThan(30_000);
});

test.each(LOG_FORMATS)('no line of the format %s has a secret', (logFormat) => {
  const { stream, written } = collectingStream();
  const log = freshLoglevel();
  configureLogging(log, { logFormat, stream, redact: [...REDACT, 'stack'] });
  const error = new Error('boom', { cause: { password: 'secret' } });
  error.stack = 'secret';
  log.info('failed', error, { password: 'secret', nested: { token: 'secret' } });
  expect(written()).toContain('[REDACTED]');
  expect(written()).not.toContain('secret');
});

test('an expression with the flag g or y finds each of its names', () => {
  const shop = logged({ redact: [/token/g, /^key/y] });
  shop.log.info('here', { token: 1, otherToken: 2, token2: 3, key1: 4, key2: 5 });
  expect(shop.lines()[0]).toMatchObject({
    token: '[REDACTED]',
    otherToken: 2,
    token2: '[REDACTED]',
    key1: '[REDACTED]',
    key2: '[REDACTED]',
  });
});

test('without the option, and for values that hold no secret, nothing is another', () => {
  const value = { password: 'kept', list: [{ bytes: Buffer.from('ab') }, new Map([[1, new Set([2])]])] };
  const error = new TypeError('x', { cause: { [Symbol('kept')]: 1 } });
  const [with_, without] = [logged({ redact: ['other'] }), logged()];
  for (const shop of [with_, without]) shop.log.info('%o %s %o', value, () => 1, error, value);
  const strip = (line: object = {}): object => ({ ...line, timestamp: '' });
  expect(strip(with_.lines()[0])).toEqual(strip(without.lines()[0]));
  expect(without.lines()[0]).toMatchObject({ password: 'kept' });
});

test.each([[{ redact: 'password' }], [{ redact: [''] }], [{ redact: [5] }]])(
  'a wrong list throws a TypeError that names it: %o',
  (options) => {
    const wrong = options as unknown as Parameters<typeof configureLogging>[1];
    expect(() => configureLogging(freshLoglevel(), wrong)).toThrow(TypeError);
    expect(() => configureLogging(freshLoglevel(), wrong)).toThrow(/redact must be an array of names/);
  },
);
