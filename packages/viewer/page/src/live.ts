import { useEffect, useReducer } from 'preact/hooks';

import type { LiveEvent, StoreCounts } from '../../src/api.ts';

/** Whether the server's events arrive. */
export type Connection = 'connecting' | 'live' | 'lost';

/** What the page hears from the server: its events, and that it is there again after it was not. */
export type Heard = LiveEvent | { readonly type: 'again' };

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 5000;

/** The one connection of the page for live events. */
class Live {
  connection: Connection = 'connecting';
  counts: StoreCounts | undefined;
  /** Whether the reader wants what is shown to stay as it is. */
  paused = false;

  readonly #changes = new Set<() => void>();
  readonly #hearers = new Set<(heard: Heard) => void>();
  #retryMs = FIRST_RETRY_MS;

  start(): void {
    this.#connect();
  }

  setPaused(paused: boolean): void {
    this.paused = paused;
    this.#changed();
  }

  setCounts(counts: StoreCounts): void {
    this.counts = counts;
    this.#changed();
  }

  onChange(listener: () => void): () => void {
    this.#changes.add(listener);
    return () => {
      this.#changes.delete(listener);
    };
  }

  onHeard(listener: (heard: Heard) => void): () => void {
    this.#hearers.add(listener);
    return () => {
      this.#hearers.delete(listener);
    };
  }

  #connect(): void {
    const source = new EventSource('/api/events');
    source.addEventListener('open', () => {
      const again = this.connection === 'lost';
      this.#retryMs = FIRST_RETRY_MS;
      this.connection = 'live';
      this.#changed();
      // What happened meanwhile was not told.
      if (again) this.#tell({ type: 'again' });
    });
    source.addEventListener('error', () => {
      // Retries are our own: the browser's end where an answer is no stream of events.
      source.close();
      this.connection = 'lost';
      this.#changed();
      setTimeout(() => this.#connect(), this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
    });
    for (const type of ['traces', 'gone']) {
      source.addEventListener(type, (event) => {
        const heard = JSON.parse((event as MessageEvent<string>).data) as LiveEvent;
        this.counts = heard.counts;
        this.#changed();
        this.#tell(heard);
      });
    }
  }

  #changed(): void {
    for (const listener of this.#changes) listener();
  }

  #tell(heard: Heard): void {
    for (const listener of this.#hearers) listener(heard);
  }
}

export const live: Live = new Live();

/** The connection's state, drawn anew when it changes. */
export function useLive(): Live {
  const [, redraw] = useReducer<number, void>((count) => count + 1, 0);
  useEffect(() => live.onChange(() => redraw()), []);
  return live;
}
