import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import type { ServiceMap } from '../../../src/api.ts';
import { ask, isAbort, messageOf } from '../ask.ts';
import { durationText, plural } from '../format.ts';
import { live, useLive } from '../live.ts';
import { Notice } from '../parts/notice.tsx';
import { Refresher } from '../refresher.ts';
import { MapDrawing } from './map-drawing.tsx';
import { CallTable, ServiceTable } from './map-tables.tsx';

const REST_MS = 1000;

/** Who calls whom, drawn and as tables, which say the same. */
export function MapPage(): JSX.Element {
  const { map, problem, reload } = useMap();
  useEffect(() => {
    document.title = 'Map · Tracing viewer';
  }, []);
  return (
    <main id="main" tabIndex={-1} class="map">
      <div class="list-head">
        <h1>Service map</h1>
        <p class="matched" role="status">
          {map !== undefined &&
            `${plural(map.nodes.filter(({ external }) => !external).length, 'service')}, of all traces that the store holds: ${durationText(map.seconds * 1e6)}`}
        </p>
      </div>
      {problem !== '' && (
        <Notice kind="problem">
          {problem}{' '}
          <button type="button" onClick={reload}>
            Try again
          </button>
        </Notice>
      )}
      {map === undefined && problem === '' && <p role="status">Loading…</p>}
      {map !== undefined && map.nodes.length === 0 && (
        <p class="empty">
          No service has sent a span yet. <a href="/">How to send some</a>
        </p>
      )}
      {map !== undefined && map.nodes.length > 0 && (
        <>
          <MapDrawing map={map} />
          <div class="map-tables">
            <CallTable map={map} />
            <ServiceTable map={map} />
          </div>
        </>
      )}
    </main>
  );
}

function useMap(): {
  readonly map: ServiceMap | undefined;
  readonly problem: string;
  readonly reload: () => void;
} {
  const { paused } = useLive();
  const [map, setMap] = useState<ServiceMap | undefined>(undefined);
  const [problem, setProblem] = useState('');
  const refresher = useRef<Refresher | undefined>(undefined);
  useEffect(() => {
    const abort = new AbortController();
    const asking = new Refresher(async () => {
      try {
        setMap(await ask<ServiceMap>('/api/map', { signal: abort.signal }));
        setProblem('');
      } catch (error) {
        if (!isAbort(error)) setProblem(messageOf(error));
      }
    }, REST_MS);
    refresher.current = asking;
    asking.ask();
    return () => {
      abort.abort();
      asking.stop();
    };
  }, []);
  useEffect(() => {
    if (paused) {
      refresher.current?.cancel();
      return undefined;
    }
    refresher.current?.ask();
    const stop = live.onHeard(() => refresher.current?.ask());
    return stop;
  }, [paused]);
  return { map, problem, reload: () => refresher.current?.ask() };
}
