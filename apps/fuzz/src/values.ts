import fc from 'fast-check';

import { hostileText } from './texts.ts';

/** How a value is made. Plain, so that a counterexample can be printed: what it makes may not even bear a look. */
export interface Recipe {
  readonly kind: string;
  readonly text: string;
  readonly inner: readonly Recipe[];
}

const LEAVES: Readonly<Record<string, (text: string) => unknown>> = {
  text: (text) => text,
  number: (text) => text.length * 1.5,
  notANumber: () => Number.NaN,
  minusZero: () => -0,
  bigint: (text) => BigInt(text.length) ** 40n,
  symbol: (text) => Symbol(text),
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  date: () => new Date(0),
  invalidDate: () => new Date(Number.NaN),
  regexp: () => /a+(b)?/gimsuy,
  buffer: (text) => Buffer.from(text),
  arrayBuffer: () => new ArrayBuffer(1000),
  url: () => new URL('http://user:pass@host/path?x=y'),
  headers: () => new Headers({ authorization: 'x' }),
  promise: () => Promise.resolve(1),
  weakMap: () => new WeakMap(),
  sparse: () => {
    const list: unknown[] = [];
    list[100_000] = 1;
    return list;
  },
  revoked: () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  revokedFunction: () => {
    const { proxy, revoke } = Proxy.revocable(() => undefined, {});
    revoke();
    return proxy;
  },
  allTrapsThrow: (text) => new Proxy({}, trapsThatThrow(text)),
  boxed: (text) => Object(text) as unknown,
  deep: () => {
    let value: unknown = 'bottom';
    for (let depth = 0; depth < 10_000; depth++) value = depth % 2 === 0 ? { value } : [value];
    return value;
  },
  wide: (text) =>
    Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`${text.slice(0, 20)}${index}`, index])),
  generator: () =>
    (function* endless() {
      for (;;) yield 1;
    })(),
};

const NESTS: Readonly<Record<string, (text: string, inner: readonly unknown[]) => unknown>> = {
  list: (_text, inner) => [...inner],
  object: (text, inner) => Object.fromEntries(inner.map((each, index) => [`${text}${index || ''}`, each])),
  withoutPrototype: (text, inner) => Object.assign(Object.create(null) as object, { [text]: inner[0] }),
  protoKey: () => JSON.parse('{"__proto__":{"polluted":true},"constructor":1}') as unknown,
  map: (text, inner) =>
    new Map<unknown, unknown>(inner.map((each, index) => [index === 0 ? text : each, each])),
  set: (_text, inner) => new Set(inner),
  getterThatThrows: (text, inner) =>
    Object.defineProperty({ inner }, text, {
      enumerable: true,
      get: () => {
        throw inner[0];
      },
    }),
  hiddenGetter: (text, inner) => Object.defineProperty({}, text, { get: () => inner[0] }),
  toJsonThatThrows: (_text, inner) => ({
    toJSON: () => {
      throw inner[0];
    },
  }),
  toJsonOfItself: () => {
    const value = { toJSON: (): unknown => value };
    return value;
  },
  toJsonForEver: () => {
    const make = (): unknown => ({ toJSON: make });
    return make();
  },
  toStringThatThrows: (_text, inner) => ({
    toString: () => {
      throw inner[0];
    },
    valueOf: () => {
      throw inner[0];
    },
  }),
  inspectThatThrows: (_text, inner) => ({
    [Symbol.for('nodejs.util.inspect.custom')]: () => {
      throw inner[0];
    },
  }),
  cycle: (text, inner) => {
    const value: Record<string, unknown> = { inner };
    // An assignment to `__proto__` would throw.
    return Object.defineProperty(value, text, { value, enumerable: true });
  },
  error: (text, inner) => Object.assign(new Error(text, { cause: inner[0] }), { code: inner[1] ?? text }),
  aggregateError: (text, inner) => new AggregateError(inner, text),
  errorOfItself: (text) => {
    const error = new AggregateError([], text);
    error.errors = Array.from({ length: 50 }, () => error);
    error.cause = error;
    return error;
  },
  errorWithoutWords: (_text, inner) => {
    const get = (): never => {
      throw inner[0];
    };
    const parts = ['message', 'stack', 'name', 'code', 'cause', 'errors'].map((name) => [name, { get }]);
    // With a stack of its own, so that nobody asks for its words to make one.
    return Object.defineProperties(
      Object.assign(new Error('x'), { stack: '' }),
      Object.fromEntries(parts) as PropertyDescriptorMap,
    );
  },
  errorOfOtherParts: (text, inner) =>
    Object.assign(new Error(text), { message: inner[0], stack: inner[1], name: inner[2], errors: inner[0] }),
  namelessClass: (_text, inner) =>
    new (class {
      readonly inner = inner;
    })(),
  proxyOfError: (text) => new Proxy(new Error(text), trapsThatThrow(text)),
  proxy: (text, inner) => new Proxy({ [text]: inner[0] }, {}),
  trapThatThrowsLater: (text, inner) => {
    let asked = 0;
    return new Proxy(
      { [text]: inner[0] },
      {
        has: () => {
          if (asked++ > 0) throw new Error(text);
          return false;
        },
      },
    );
  },
};

function trapsThatThrow(text: string): ProxyHandler<object> {
  const fail = (): never => {
    throw new Error(text);
  };
  return {
    get: fail,
    set: fail,
    has: fail,
    ownKeys: fail,
    getPrototypeOf: fail,
    getOwnPropertyDescriptor: fail,
  };
}

/** Recipes of values that do harm to whoever looks at them. */
export const hostileRecipe: fc.Arbitrary<Recipe> = fc.letrec<{ value: Recipe }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({
      kind: fc.constantFrom(...Object.keys(LEAVES)),
      text: hostileText(),
      inner: fc.constant([]),
    }),
    fc.record({
      kind: fc.constantFrom(...Object.keys(NESTS)),
      text: hostileText(3000),
      inner: fc.array(tie('value'), { maxLength: 4 }),
    }),
  ),
})).value;

/** Makes the value of a recipe. */
export function made({ kind, text, inner }: Recipe): unknown {
  const nest = NESTS[kind];
  return nest
    ? nest(
        text,
        inner.map((each) => made(each)),
      )
    : LEAVES[kind]?.(text);
}
