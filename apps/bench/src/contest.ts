import type { Service } from './service.ts';
import { ShuffledOrder } from './shuffled-order.ts';
import type { SetupChoice } from './setups.ts';
import type { Surroundings } from './surroundings.ts';

/** How much is measured, of each set-up. */
export interface ContestSize {
  /** How often all begins again with new processes: each compiles the same code to something else. */
  readonly generations: number;
  /** Requests before anything is measured: until compiled code serves them. */
  readonly warmUp: number;
  readonly rounds: number;
  /** Requests in each round. */
  readonly requests: number;
  /**
   * Whether all run at the same time and take turns, their warm-up too, in an order that is another one each time. What
   * else the machine does then meets all alike, and none has rested for longer than the others: V8 drops code that rests
   * for seconds, and who had been warmed up first would stay slower than the others. Otherwise one runs after the other,
   * in each generation, and none rests between its rounds.
   */
  readonly inTurns: boolean;
}

/** What is sent. */
export interface Traffic {
  readonly path: string;
  readonly body?: string;
  readonly connections: number;
  /**
   * Whether the load stays awake between two answers. To wake a process costs the one that writes to it up to 10 µs, and
   * how often that is due depends on which of the two is faster: a slow service would pay it for each request, a fast
   * one hardly ever. It takes a core from what else runs, though, such as other services.
   */
  readonly awake?: boolean;
}

/** What runs with a set-up: the services, the one that takes the requests first. */
export interface Contender extends AsyncDisposable {
  readonly services: readonly Service[];
}

/** What a set-up showed in one generation. */
export interface Showing {
  /** CPU time of the services for each request, microseconds, one for each round. */
  readonly costs: readonly number[];
  /** Spans of each request that comes alone, slowly enough for every tracer to deliver all that it makes. */
  readonly made: number;
  /** Spans of each request that was measured. */
  readonly delivered: number;
}

const SLOW_REQUESTS = 5;

/**
 * Sends each set-up its requests, and measures it until its spans have been sent.
 *
 * @returns The showings of each generation.
 */
export async function contest(
  setups: readonly SetupChoice[],
  size: ContestSize,
  traffic: Traffic,
  surroundings: Surroundings,
  start: (setup: SetupChoice) => Promise<Contender>,
): Promise<ReadonlyMap<SetupChoice, readonly Showing[]>> {
  const showings = new Map<SetupChoice, Showing[]>(setups.map((setup) => [setup, []]));
  await rehearse(setups[0], size, traffic, surroundings, start);
  for (let generation = 0; generation < size.generations; generation++) {
    // Each begins with another, so that none always comes after the same.
    const order = setups.map((_, index) => setups[(index + generation) % setups.length] as SetupChoice);
    const groups = size.inTurns ? [order] : order.map((setup) => [setup]);
    for (const group of groups) {
      const turns: Turns[] = [];
      try {
        for (const setup of group) turns.push(new Turns(setup, await start(setup), traffic, surroundings));
        for (const turn of turns) await turn.count();
        await takeTurns(turns, size);
        for (const turn of turns) showings.get(turn.setup)?.push(turn.showing);
      } finally {
        await Promise.all(turns.map(({ contender }) => contender[Symbol.asyncDispose]()));
      }
    }
  }
  return showings;
}

async function takeTurns(turns: readonly Turns[], { warmUp, rounds, requests }: ContestSize): Promise<void> {
  const order = new ShuffledOrder(turns);
  for (let sent = 0; sent < warmUp; sent += requests) {
    for (const turn of order.next()) await turn.warmUp(Math.min(requests, warmUp - sent));
  }
  for (let round = 0; round < rounds; round++) {
    for (const turn of order.next()) await turn.take(requests);
  }
}

/** A machine that has rested is slow at first: whoever is measured first would seem to cost more. */
async function rehearse(
  setup: SetupChoice | undefined,
  { warmUp }: ContestSize,
  traffic: Traffic,
  surroundings: Surroundings,
  start: (setup: SetupChoice) => Promise<Contender>,
): Promise<void> {
  if (setup === undefined) return;
  await using contender = await start(setup);
  await new Turns(setup, contender, traffic, surroundings).warmUp(warmUp);
}

/** The turns of one set-up. */
class Turns {
  readonly setup: SetupChoice;
  readonly contender: Contender;
  readonly #order: Traffic & { readonly origin: string };
  readonly #surroundings: Surroundings;
  readonly #costs: number[] = [];
  #made = 0;
  #requests = 0;
  #spans = 0;

  constructor(setup: SetupChoice, contender: Contender, traffic: Traffic, surroundings: Surroundings) {
    this.setup = setup;
    this.contender = contender;
    this.#order = { ...traffic, origin: contender.services[0]?.origin ?? '' };
    this.#surroundings = surroundings;
  }

  /** Finds out how many spans a request makes. */
  async count(): Promise<void> {
    // What is traced once, such as a connection, is not of a request.
    await this.#send(SLOW_REQUESTS, 1);
    this.#made = (await this.#send(SLOW_REQUESTS, 1)) / SLOW_REQUESTS;
  }

  async warmUp(requests: number): Promise<void> {
    await this.#send(this.#share(requests));
  }

  async take(requests: number): Promise<void> {
    const sent = this.#share(requests);
    const before = await this.#cpuMicros();
    this.#spans += await this.#send(sent);
    this.#requests += sent;
    this.#costs.push(((await this.#cpuMicros()) - before) / sent);
  }

  get showing(): Showing {
    return { costs: this.#costs, made: this.#made, delivered: this.#spans / this.#requests };
  }

  #share(requests: number): number {
    return requests * (this.setup.share ?? 1);
  }

  /** @returns How many spans were delivered. */
  async #send(requests: number, connections = this.#order.connections): Promise<number> {
    await this.#surroundings.load({ ...this.#order, requests, connections });
    await Promise.all(this.contender.services.map((service) => service.flush()));
    return (await this.#surroundings.delivered()).spans;
  }

  async #cpuMicros(): Promise<number> {
    const each = await Promise.all(this.contender.services.map((service) => service.cpuMicros()));
    return each.reduce((sum, micros) => sum + micros, 0);
  }
}
