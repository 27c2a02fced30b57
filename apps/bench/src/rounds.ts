import type { Measurement } from './scenario.ts';
import type { SetupChoice } from './setups.ts';

/** Spans of one request. */
export interface SpanCounts {
  readonly made: number;
  readonly delivered: number;
}

/** One value, and how many spans there were for each request, where it knows. */
export interface Reading {
  readonly value: number;
  readonly spans?: SpanCounts;
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
  return [...readings].map(([setup, list]) => measurementOf(setup, list));
}

function measurementOf({ name, note }: SetupChoice, readings: readonly Reading[]): Measurement {
  const spans = readings.flatMap((reading) => reading.spans ?? []);
  const delivered = Math.min(...spans.map((each) => each.delivered));
  // What is traced once, such as a connection, is a part of a span for each request.
  const made = Math.floor(Math.max(...spans.map((each) => each.made)));
  // A thousandth may be the share of spans that are on their way at the edges.
  const loss = delivered < made * 0.999 ? `loses spans: makes ${made} a request` : undefined;
  const notes = [note, loss].filter((each) => each !== undefined);
  return {
    setup: name,
    values: readings.map(({ value }) => value),
    ...(spans.length > 0 && { spansPerRequest: delivered }),
    ...(notes.length > 0 && { note: notes.join('; ') }),
  };
}
