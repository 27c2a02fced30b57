import { say } from '../say.ts';

/** Why spans do not get through, and what to do about it. */
export interface Trouble {
  readonly cause: string;
  readonly hint?: string | undefined;
}

/** Spans at the moment of a line. */
export interface SpanState {
  readonly waiting: number;
  /** Since the beginning of the process. */
  readonly dropped: number;
}

const MINUTE_MILLIS = 60_000;

/**
 * Says when spans do not get through: one warning when that begins, at most one a minute while it lasts, one line when
 * it ends. Trouble that comes and goes is told of once a minute too.
 */
export class ExportTrouble {
  readonly #where: string;
  readonly #room: number;
  readonly #clock: () => number;
  #since: Date | undefined;
  #last: { readonly message: string; readonly time: Date } | undefined;
  /** By the clock. */
  #began = 0;
  #saidAt = -Infinity;
  #saidThis = false;
  #droppedBefore = 0;

  /**
   * @param where Where the spans go.
   * @param room How many may wait.
   * @param clock Milliseconds; default: the monotonic clock.
   */
  constructor(where: string, room: number, clock: () => number = () => performance.now()) {
    this.#where = where;
    this.#room = room;
    this.#clock = clock;
  }

  /** Since when nothing has got through whole. */
  get since(): Date | undefined {
    return this.#since;
  }

  /** The last that went wrong. */
  get last(): { readonly message: string; readonly time: Date } | undefined {
    return this.#last;
  }

  /**
   * Notes that spans did not get through.
   *
   * @param lost How many of the dropped ones this is about.
   */
  lasts({ cause, hint }: Trouble, state: SpanState, lost: number): void {
    const now = this.#clock();
    this.#last = { message: cause, time: new Date() };
    const isNew = this.#since === undefined;
    if (isNew) {
      this.#since = this.#last.time;
      this.#began = now;
      this.#saidThis = false;
      this.#droppedBefore = state.dropped - lost;
    }
    if (now - this.#saidAt < MINUTE_MILLIS) return;
    this.#saidAt = now;
    const still = this.#saidThis
      ? `still do not reach ${this.#where}, for ${this.#seconds(now)}`
      : `do not reach ${this.#where}`;
    this.#saidThis = true;
    const why = hint === undefined ? cause : `${cause}. ${hint}`;
    say('warn', `spans ${still}: ${why.endsWith('?') ? why : `${why}.`} ${this.#describe(state)}`);
  }

  /** Notes that spans get through. */
  ends(state: SpanState): void {
    if (this.#since === undefined) return;
    this.#since = undefined;
    if (!this.#saidThis) return;
    say(
      'warn',
      `spans reach ${this.#where} again, after ${this.#seconds(this.#clock())}. ${this.#describe(state)}`,
    );
  }

  #seconds(now: number): string {
    return `${Math.round((now - this.#began) / 1000)} s`;
  }

  #describe({ waiting, dropped }: SpanState): string {
    return `${waiting} wait (at most ${this.#room}), ${dropped - this.#droppedBefore} were dropped since it began`;
  }
}
