import type { Measurement } from './scenario.ts';
import type { SetupChoice } from './setups.ts';

/** One value, and how many spans were delivered for each request, where it knows. */
export interface Reading {
  readonly value: number;
  readonly spansPerRequest?: number;
}

/**
 * Measures each set-up once a round, one after the other, so that what else the machine does meets all alike.
 *
 * @param measure Given the set-up, from a process that is new each time.
 */
export async function inRounds(
  setups: readonly SetupChoice[],
  rounds: number,
  measure: (setup: SetupChoice) => Promise<Reading>,
): Promise<Measurement[]> {
  const readings = new Map<SetupChoice, Reading[]>(setups.map((setup) => [setup, []]));
  for (let round = 0; round < rounds; round++) {
    // Each round begins with another, so that none always comes after the same.
    for (let index = 0; index < setups.length; index++) {
      const setup = setups[(index + round) % setups.length];
      if (setup) readings.get(setup)?.push(await measure(setup));
    }
  }
  return [...readings].map(([setup, list]) => {
    const spans = list.flatMap(({ spansPerRequest }) => spansPerRequest ?? []);
    return {
      setup: setup.name,
      values: list.map(({ value }) => value),
      ...(spans.length > 0 && { spansPerRequest: Math.min(...spans) }),
      ...(setup.note !== undefined && { note: setup.note }),
    };
  });
}
