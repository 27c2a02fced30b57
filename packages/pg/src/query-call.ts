import type { Method } from './patch.ts';

/** What `client.query` was called with, as far as it makes sense. */
export interface QueryCall {
  readonly text: string | undefined;
  /** Name of the prepared statement. */
  readonly name: string | undefined;
  readonly values: readonly unknown[] | undefined;
  readonly callback: Method | undefined;
  /** Where pg takes a callback that is preferred to any other. */
  readonly callbackIndex: 1 | 2;
  /** A `Cursor`, `QueryStream`, `new pg.Query` or the like, which pg takes as it is. */
  readonly submittable: object | undefined;
}

interface QueryConfig {
  readonly text?: unknown;
  readonly name?: unknown;
  readonly values?: unknown;
  readonly callback?: unknown;
  readonly submit?: unknown;
  /** `QueryStream` keeps its text there. */
  readonly cursor?: QueryConfig | null;
}

/** Reads any call shape of `client.query`, wrong ones too: pg shall be the one to complain. */
export function readQueryCall(args: readonly unknown[]): QueryCall {
  const [first, second, third] = args;
  const isObject = typeof first === 'object' && first !== null;
  const config: QueryConfig = isObject ? first : { text: first };
  const isSubmittable = isObject && typeof config.submit === 'function';
  const text = config.text ?? config.cursor?.text;
  const values = Array.isArray(second) ? second : (config.values ?? config.cursor?.values);
  const callback = firstFunction(third, second, isSubmittable ? undefined : config.callback);
  return {
    text: typeof text === 'string' ? text : undefined,
    name: typeof config.name === 'string' && config.name !== '' ? config.name : undefined,
    values: Array.isArray(values) ? values : undefined,
    callback,
    callbackIndex: typeof third !== 'function' && typeof second === 'function' ? 1 : 2,
    submittable: isSubmittable ? first : undefined,
  };
}

function firstFunction(first: unknown, second: unknown, third: unknown): Method | undefined {
  if (typeof first === 'function') return first as Method;
  if (typeof second === 'function') return second as Method;
  return typeof third === 'function' ? (third as Method) : undefined;
}
