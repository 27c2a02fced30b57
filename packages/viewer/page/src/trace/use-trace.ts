import { useEffect, useRef, useState } from 'preact/hooks';

import type { TraceDetail } from '../../../src/api.ts';
import { ask, isAbort, messageOf, Refused } from '../ask.ts';
import { live, useLive } from '../live.ts';
import { drawn } from '../parts/drawn.ts';
import { Refresher } from '../refresher.ts';
import { type Columns, columnsOf } from './columns.ts';
import { type ClockSkew, clockSkew } from './clock-skew.ts';
import { type CriticalPath, criticalPath } from './critical-path.ts';
import { selfTimes } from './self-time.ts';

/** A trace with all that is worked out of it. */
export interface LoadedTrace {
  readonly detail: TraceDetail;
  readonly columns: Columns;
  readonly self: Float64Array;
  readonly path: CriticalPath;
  readonly skew: ClockSkew;
  readonly errors: number;
}

export interface TraceState {
  readonly trace: LoadedTrace | undefined;
  /** Why it is not here, or not kept up. */
  readonly problem: string;
  /** The store never had it, or has let it go before the page asked. */
  readonly unknown: boolean;
  /** The store has let it go since: what is shown is all that there is. */
  readonly gone: boolean;
  /** It has changed while the page was paused. */
  readonly stale: boolean;
  readonly reload: () => void;
}

/** A trace, kept up with the store unless paused. */
export function useTrace(traceId: string): TraceState {
  const { paused } = useLive();
  const [trace, setTrace] = useState<LoadedTrace | undefined>(undefined);
  const [problem, setProblem] = useState('');
  const [unknown, setUnknown] = useState(false);
  const [gone, setGone] = useState(false);
  const [stale, setStale] = useState(false);
  const refresher = useRef<Refresher | undefined>(undefined);
  const revision = useRef(-1);

  useEffect(() => {
    const abort = new AbortController();
    const load = async (): Promise<void> => {
      try {
        const detail = await ask<TraceDetail>(`/api/traces/${encodeURIComponent(traceId)}`, {
          signal: abort.signal,
        });
        setProblem('');
        setUnknown(false);
        setGone(false);
        setStale(false);
        if (detail.summary.revision === revision.current) return;
        revision.current = detail.summary.revision;
        setTrace(loaded(detail));
        await drawn();
      } catch (error) {
        if (isAbort(error)) return;
        const missing = error instanceof Refused && error.status === 404;
        if (missing && revision.current >= 0) setGone(true);
        else if (missing) setUnknown(true);
        else setProblem(messageOf(error));
      }
    };
    const asking = new Refresher(load);
    refresher.current = asking;
    asking.ask();
    return () => {
      abort.abort();
      asking.stop();
    };
  }, [traceId]);

  useEffect(() => {
    const stop = live.onHeard((heard) => {
      if (heard.type === 'gone') {
        if (heard.traceIds.includes(traceId)) setGone(true);
        return;
      }
      const concerned = heard.type === 'again' || heard.traces.some((one) => one.traceId === traceId);
      if (!concerned) return;
      if (paused) setStale(true);
      else refresher.current?.ask();
    });
    return stop;
  }, [traceId, paused]);

  useEffect(() => {
    if (paused) refresher.current?.cancel();
    else if (stale) refresher.current?.ask();
  }, [paused, stale]);

  return { trace, problem, unknown, gone, stale, reload: () => refresher.current?.ask() };
}

function loaded(detail: TraceDetail): LoadedTrace {
  const columns = columnsOf(detail);
  return {
    detail,
    columns,
    self: selfTimes(columns),
    path: criticalPath(columns),
    skew: clockSkew(columns),
    errors: columns.status.reduce((count, status) => count + (status === 2 ? 1 : 0), 0),
  };
}
