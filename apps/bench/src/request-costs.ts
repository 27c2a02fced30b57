import { contest, type ContestSize, type Showing, type Traffic } from './contest.ts';
import { PEERS } from './modules.ts';
import type { Measurement } from './scenario.ts';
import { startService } from './service.ts';
import { type SetupChoice, setupsNamed } from './setups.ts';
import { median } from './statistics.ts';
import type { Surroundings } from './surroundings.ts';

/** What the services of a contest are started with. */
export interface ServiceKind {
  readonly node: string;
  readonly framework: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A contest between set-ups of one service, with the modules of the peers. */
export async function requestCosts(
  { node, framework, env = {} }: ServiceKind,
  setups: readonly string[],
  size: ContestSize,
  traffic: Traffic,
  surroundings: Surroundings,
): Promise<Measurement[]> {
  const { sinkPort } = surroundings;
  const showings = await contest(setupsNamed(setups), size, traffic, surroundings, async (setup) => {
    const service = await startService({ node, modules: PEERS, sinkPort, framework, setup, env });
    return { services: [service], [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() };
  });
  return measurementsOf(showings, size);
}

/**
 * One value for each generation: the mean of its rounds, since what is collected or sent in some belongs to all. Where
 * they were taken in turns, of which there are many, the median.
 */
export function measurementsOf(
  showings: ReadonlyMap<SetupChoice, readonly Showing[]>,
  { inTurns }: Pick<ContestSize, 'inTurns'>,
): Measurement[] {
  const ofRounds = inTurns ? median : mean;
  return [...showings].map(([{ name, note, share }, list]) => {
    const delivered = Math.min(...list.map((showing) => showing.delivered));
    // A connection that is opened again is a part of a span for each request.
    const made = Math.floor(Math.max(...list.map((showing) => showing.made)));
    // A thousandth may be the share of spans that are on their way at the edges.
    const loss = delivered < made * 0.999 ? `loses spans: makes ${made} a request` : undefined;
    const part = share === undefined ? undefined : `is sent ${share * 100} % of the requests`;
    const notes = [note, part, loss].filter((each) => each !== undefined);
    return {
      setup: name,
      values: list.map(({ costs }) => ofRounds(costs)),
      spansPerRequest: delivered,
      ...(notes.length > 0 && { note: notes.join('; ') }),
    };
  });
}

/** What was sent, in words. */
export function sizeText({ generations, warmUp, rounds, requests, inTurns }: ContestSize): string {
  const times = generations === 1 ? 'once' : `${generations} times`;
  const sent = inTurns ? `${rounds} turns of ${requests} requests` : `${rounds * requests} requests`;
  return `${sent} after ${warmUp} to warm up, ${times} with new processes.`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
