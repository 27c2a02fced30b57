/**
 * Gives each of `wanted` one of `given` that fits it, and none to two, for as many as can have one.
 *
 * @returns Those of `wanted` that are left without one.
 */
export function unassigned<W, G>(
  wanted: readonly W[],
  given: readonly G[],
  fits: (one: W, other: G) => boolean,
): W[] {
  const takers = new Map<number, number>();
  const answers = new Map<number, boolean>();
  // Whole subtrees are compared: once for each pair.
  const fit = (one: number, other: number): boolean => {
    const pair = one * given.length + other;
    const answer = answers.get(pair) ?? fits(wanted[one] as W, given[other] as G);
    answers.set(pair, answer);
    return answer;
  };

  function take(one: number, asked: Set<number>): boolean {
    for (const other of given.keys()) {
      if (!takers.has(other) && fit(one, other)) {
        takers.set(other, one);
        return true;
      }
    }
    // One that is taken is given up where its taker finds another (augmenting paths).
    for (const [other, taker] of takers) {
      if (asked.has(other) || !fit(one, other)) continue;
      asked.add(other);
      if (take(taker, asked)) {
        takers.set(other, one);
        return true;
      }
    }
    return false;
  }

  return wanted.filter((_, one) => !take(one, new Set()));
}
