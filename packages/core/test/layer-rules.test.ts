import { diag, DiagLogLevel, type Span } from '@opentelemetry/api';
import { expect, onTestFinished, test } from 'vitest';

import { type Layer, type LayerMatcher, type LayerOptions, layerRules } from '../src/layer-rules.ts';

const auth: Layer = { type: 'middleware', name: 'auth' };
const users: Layer = { type: 'router', name: '/users', path: '/users' };
const early: Layer = { type: 'hook', name: 'check', hook: 'onRequest', path: '/users/:id' };
const all = [auth, users, early];

/** Names of the layers that keep a span. */
function kept(ignore: LayerMatcher | readonly LayerMatcher[]): string[] {
  const rules = layerRules({ ignore });
  return all.filter((layer) => !rules?.ignores(layer)).map(({ name }) => name);
}

/** What is told to `diag` until the test has finished. */
function complaints(): string[] {
  const told: string[] = [];
  const note = (message: string): unknown => told.push(message);
  diag.setLogger({ verbose: note, debug: note, info: note, warn: note, error: note }, DiagLogLevel.ALL);
  onTestFinished(() => diag.disable());
  told.length = 0;
  return told;
}

test('false and nothing mean no layers, true and an empty object mean all (K17)', () => {
  expect([layerRules(undefined), layerRules(false)]).toEqual([undefined, undefined]);
  for (const layers of [true, {}]) {
    expect(all.filter((layer) => layerRules(layers)?.ignores(layer))).toEqual([]);
  }
});

test('a string means type, name or hook as a whole, a RegExp the name, a function what it says (E20, K17)', () => {
  expect(kept('middleware')).toEqual(['/users', 'check']);
  expect(kept('auth')).toEqual(['/users', 'check']);
  expect(kept('onRequest')).toEqual(['auth', '/users']);
  expect(kept('user')).toEqual(['auth', '/users', 'check']);
  expect(kept(/user/)).toEqual(['auth', 'check']);
  expect(kept(({ path }) => path === '/users/:id')).toEqual(['auth', '/users']);
  expect(kept(['router', /^check$/])).toEqual(['auth']);
});

test('a global RegExp means every layer that it matches, not every second', () => {
  for (const ignore of [/auth/g, /auth/y]) {
    const rules = layerRules({ ignore });
    expect([rules?.ignores(auth), rules?.ignores(auth)]).toEqual([true, true]);
  }
});

test('a matcher that throws means no layer, and goes to diag', () => {
  const told = complaints();
  const broken = (): never => {
    throw new Error('of the matcher');
  };
  expect(kept([broken, 'auth'])).toEqual(['/users', 'check']);
  expect(told).toHaveLength(3);
  expect(told[0]).toContain('layers.ignore threw');
});

test('the hook gets span, layer and request; what it throws or rejects with goes to diag (K14)', async () => {
  const told = complaints();
  const calls: unknown[] = [];
  const span = {} as Span;
  const request = { url: '/' };
  const throwing: LayerOptions<typeof request> = {
    hook(...given) {
      calls.push(given);
      throw new Error('of the hook');
    },
  };
  layerRules(throwing)?.tell(span, auth, request);
  expect(calls).toEqual([[span, auth, request]]);
  const rejecting = { hook: async () => Promise.reject(new Error('later')) };
  layerRules<typeof request>(rejecting)?.tell(span, auth, request);
  await new Promise(setImmediate);
  expect(told.map((line) => /of the hook|later/.exec(line)?.[0])).toEqual(['of the hook', 'later']);
});

test.each([
  [7, 'layers: expected true, false, or an object with ignore and hook; got 7 (number)'],
  ['all', "layers: expected true, false, or an object with ignore and hook; got 'all' (string)"],
  [null, 'layers: expected true, false, or an object with ignore and hook; got null (object)'],
  [['auth'], "layers: expected true, false, or an object with ignore and hook; got ['auth'] (object)"],
  [
    { ignore: 7 },
    'layers.ignore: expected a string, a RegExp, a function, or an array of these; got 7 (number)',
  ],
  [
    { ignore: ['auth', null] },
    'layers.ignore: expected a string, a RegExp, a function, or an array of these; got null (object)',
  ],
  [{ hook: 'note' }, "layers.hook: expected a function; got 'note' (string)"],
])('%j is a TypeError at once that says what was wanted (E20, F3, F16)', (layers, message) => {
  expect(() => layerRules(layers as never)).toThrow(new TypeError(message));
});
