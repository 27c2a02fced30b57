import type { Measurement } from './scenario.ts';
import type { SetupChoice } from './setups.ts';

/**
 * Measures each set-up once a round, one after the other, so that what else the machine does meets all alike.
 *
 * @param measure Given the set-up; a new process each time.
 */
export async function inRounds(
  setups: readonly SetupChoice[],
  rounds: number,
  measure: (setup: SetupChoice) => Promise<number>,
): Promise<Measurement[]> {
  const values = new Map<SetupChoice, number[]>(setups.map((setup) => [setup, []]));
  for (let round = 0; round < rounds; round++) {
    // Each round begins with another, so that none always comes after the same.
    for (let index = 0; index < setups.length; index++) {
      const setup = setups[(index + round) % setups.length];
      if (setup) values.get(setup)?.push(await measure(setup));
    }
  }
  return [...values].map(([{ name, note }, list]) => ({
    setup: name,
    values: list,
    ...(note !== undefined && { note }),
  }));
}
