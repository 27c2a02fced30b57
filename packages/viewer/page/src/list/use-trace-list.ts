import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

import type { TraceList, TraceSummary } from '../../../src/api.ts';
import { ask, isAbort, messageOf } from '../ask.ts';
import { live, useLive } from '../live.ts';
import { drawn } from '../parts/drawn.ts';
import { Refresher } from '../refresher.ts';
import { heldRows, keptWhereSame } from './held-rows.ts';

/** The list as it is shown, kept up with the store. */
export interface ShownList {
  readonly rows: readonly TraceSummary[];
  readonly matched: number;
  /** Traces of the newest answer that are held back while the list is read. */
  readonly waiting: number;
  /** Shown, but no longer in the store. */
  readonly gone: ReadonlySet<string>;
  readonly problem: string;
  readonly loaded: boolean;
  /** Changes that came while the list was paused. */
  readonly missed: number;
  /** Puts the newest answer in the place of what is shown. */
  readonly catchUp: () => void;
  readonly reload: () => void;
}

interface Answer {
  readonly search: string;
  readonly rows: readonly TraceSummary[];
  readonly matched: number;
  readonly waiting: number;
}

// What was shown last, so that "back" shows it at once.
let kept: Answer | undefined;

/**
 * Asks for the list that `search` describes, and again with each change of the store unless paused.
 *
 * @param isRead Whether someone is reading: what is shown then stays where it is.
 */
export function useTraceList(search: string, isRead: () => boolean): ShownList {
  const { paused } = useLive();
  const [answer, setAnswer] = useState<Answer | undefined>(() =>
    kept?.search === search ? kept : undefined,
  );
  const [problem, setProblem] = useState('');
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const [missed, setMissed] = useState(0);
  const newest = useRef<TraceList | undefined>(undefined);
  const refresher = useRef<Refresher | undefined>(undefined);

  const catchUp = useCallback(() => {
    const list = newest.current;
    if (list === undefined) return;
    setGone(new Set());
    setAnswer({ search, rows: list.traces, matched: list.matched, waiting: 0 });
  }, [search]);

  useEffect(() => {
    const abort = new AbortController();
    newest.current = undefined;
    const load = async (): Promise<void> => {
      try {
        const list = await ask<TraceList>(`/api/traces${search}`, { signal: abort.signal });
        newest.current = list;
        live.setCounts(list.counts);
        setProblem('');
        setAnswer((before) => {
          if (before?.search !== search || !isRead()) {
            const rows = keptWhereSame(before?.rows ?? [], list.traces);
            return { search, rows, matched: list.matched, waiting: 0 };
          }
          return { search, matched: list.matched, ...heldRows(before.rows, list.traces) };
        });
        await drawn();
      } catch (error) {
        if (!isAbort(error)) setProblem(messageOf(error));
      }
    };
    const asking = new Refresher(load);
    refresher.current = asking;
    asking.ask();
    return () => {
      abort.abort();
      asking.stop();
    };
  }, [search, isRead]);

  useEffect(() => {
    const stop = live.onHeard((heard) => {
      if (heard.type === 'gone') setGone((before) => new Set([...before, ...heard.traceIds]));
      if (paused) setMissed((count) => count + (heard.type === 'traces' ? heard.traces.length : 1));
      else refresher.current?.ask();
    });
    return stop;
  }, [paused]);

  useEffect(() => {
    if (paused) {
      refresher.current?.cancel();
      return;
    }
    setMissed(0);
    refresher.current?.ask();
  }, [paused]);

  useEffect(() => {
    if (answer !== undefined) kept = answer;
  }, [answer]);

  const current = answer?.search === search;
  return {
    // Until the new answer is here the old one stays: less flickers.
    rows: answer?.rows ?? [],
    matched: answer?.matched ?? 0,
    waiting: current ? (answer?.waiting ?? 0) : 0,
    gone,
    problem,
    loaded: answer !== undefined,
    missed,
    catchUp,
    reload: useCallback(() => refresher.current?.ask(), []),
  };
}
