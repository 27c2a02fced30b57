import { below, type DeepCall } from './deep-call.ts';

/**
 * Gives each of `wanted` one of `given` that fits it, and none to two, for as many as can have one.
 *
 * @returns Those of `wanted` that are left without one.
 */
export function* unassigned<W, G>(
  wanted: readonly W[],
  given: readonly G[],
  fits: (one: W, other: G) => boolean | DeepCall<boolean>,
): DeepCall<W[]> {
  const takers = new Map<number, number>();
  const answers = new Map<number, boolean>();
  // Whole subtrees are compared: once for each pair.
  function* fit(one: number, other: number): DeepCall<boolean> {
    const pair = one * given.length + other;
    let answer = answers.get(pair);
    if (answer === undefined) {
      const fitting = fits(wanted[one] as W, given[other] as G);
      answer = typeof fitting === 'boolean' ? fitting : yield* below(fitting);
      answers.set(pair, answer);
    }
    return answer;
  }

  function* take(one: number, asked: Set<number>): DeepCall<boolean> {
    for (const other of given.keys()) {
      if (!takers.has(other) && (yield* fit(one, other))) {
        takers.set(other, one);
        return true;
      }
    }
    // One that is taken is given up where its taker finds another (augmenting paths).
    for (const [other, taker] of takers) {
      if (asked.has(other) || !(yield* fit(one, other))) continue;
      asked.add(other);
      if (yield* below(take(taker, asked))) {
        takers.set(other, one);
        return true;
      }
    }
    return false;
  }

  const left: W[] = [];
  for (const [one, each] of wanted.entries()) {
    if (!(yield* take(one, new Set()))) left.push(each);
  }
  return left;
}
