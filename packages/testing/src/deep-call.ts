/** A call that may go deeper than the engine's stack: it yields the calls below it, and is given what they return. */
export interface DeepCall<T> extends Generator<DeepCall<unknown>, T, unknown> {}

/** Makes a deep call from within another: `yield* below(call)`. */
export function* below<T>(call: DeepCall<T>): DeepCall<T> {
  return (yield call) as T;
}

/** Makes a deep call, on a stack of our own. */
export function deeply<T>(call: DeepCall<T>): T {
  const stack: DeepCall<unknown>[] = [call];
  let returned: unknown;
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const { done, value } = top.next(returned);
    if (done === true) {
      stack.pop();
      returned = value;
    } else {
      stack.push(value);
      returned = undefined;
    }
  }
  return returned as T;
}
