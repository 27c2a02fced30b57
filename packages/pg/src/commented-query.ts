import type { Method } from './patch.ts';

/** What pg reads of a configuration object. */
const READ_BY_PG = [
  'values',
  'name',
  'types',
  'rows',
  'rowMode',
  'binary',
  'portal',
  'queryMode',
  'callback',
  'query_timeout',
] as const;

/** The first argument of `client.query` with another text. The application's object stays as it is. */
export function withText(config: unknown, text: string): unknown {
  if (typeof config !== 'object' || config === null) return text;
  const copy = Object.create(config) as object;
  // Read from the object itself: getters of a class may need its private fields.
  for (const key of READ_BY_PG) {
    if (key in config) define(copy, key, Reflect.get(config, key));
  }
  define(copy, 'text', text);
  return copy;
}

function define(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

/**
 * Lets a query object (`Cursor`, `QueryStream`, `new pg.Query`, a COPY stream) be sent with another text: it has it
 * while it is sent and no longer. What cannot be changed is sent as it is.
 */
export function sendWithText(submittable: object, text: string): void {
  const { cursor } = submittable as { readonly cursor?: unknown };
  const holder = typeof cursor === 'object' && cursor !== null ? cursor : submittable;
  const own = Object.getOwnPropertyDescriptor(holder, 'text');
  if (own === undefined || own.writable !== true) return;
  const before = Object.getOwnPropertyDescriptor(submittable, 'submit');
  const submit = Reflect.get(submittable, 'submit') as Method;
  const commented: Method = function (...args) {
    if (before) Object.defineProperty(submittable, 'submit', before);
    else Reflect.deleteProperty(submittable, 'submit');
    Reflect.set(holder, 'text', text);
    try {
      return Reflect.apply(submit, this, args);
    } finally {
      Reflect.set(holder, 'text', own.value);
    }
  };
  Reflect.defineProperty(submittable, 'submit', { value: commented, configurable: true, writable: true });
}
