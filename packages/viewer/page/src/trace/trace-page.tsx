import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import { cut, plural } from '../format.ts';
import { Notice } from '../parts/notice.tsx';
import type { Route } from '../route.ts';
import { LogView } from './log-view.tsx';
import { SpanPanel } from './span-panel.tsx';
import { TraceHead } from './trace-head.tsx';
import { TraceNotes } from './trace-notes.tsx';
import { TraceToolbar } from './trace-toolbar.tsx';
import { type LoadedTrace, type TraceState, useTrace } from './use-trace.ts';
import { useTimeline } from './use-timeline.ts';
import { Minimap } from './minimap.tsx';
import { Waterfall } from './waterfall.tsx';

type TraceRoute = Extract<Route, { page: 'trace' }>;

/** One trace: what is known of it, its spans in time, and the span that the address names. */
export function TracePage({ route }: { readonly route: TraceRoute }): JSX.Element {
  const state = useTrace(route.traceId);
  const { trace } = state;
  useEffect(() => {
    const name =
      trace === undefined ? route.traceId : `${trace.detail.summary.service} ${trace.detail.summary.name}`;
    document.title = `${cut(name, 80)} · Tracing viewer`;
  }, [trace, route.traceId]);

  const here = trace !== undefined;
  useEffect(() => {
    // What said that it is loading had the focus, and has gone.
    if (here && document.activeElement === document.body) {
      document.getElementById('main')?.focus({ preventScroll: true });
    }
  }, [here]);

  if (trace === undefined) return <NotHere state={state} traceId={route.traceId} />;
  return <Loaded route={route} state={state} trace={trace} />;
}

function NotHere({ state, traceId }: { readonly state: TraceState; readonly traceId: string }): JSX.Element {
  const { unknown, problem, reload } = state;
  return (
    <main id="main" tabIndex={-1} class="plain">
      <h1>Trace {cut(traceId, 64)}</h1>
      {unknown && (
        <Notice kind="problem">
          The store does not hold this trace. It has not come yet, or has been let go to make room for newer
          ones. When it comes, it is shown here.
        </Notice>
      )}
      {problem !== '' && (
        <Notice kind="problem">
          {problem}{' '}
          <button type="button" onClick={reload}>
            Try again
          </button>
        </Notice>
      )}
      {!unknown && problem === '' && <p role="status">Loading…</p>}
      <p>
        <a href="/">All traces</a>
      </p>
    </main>
  );
}

interface LoadedProps {
  readonly route: TraceRoute;
  readonly state: TraceState;
  readonly trace: LoadedTrace;
}

function Loaded({ route, state, trace }: LoadedProps): JSX.Element {
  const search = useRef<HTMLInputElement>(null);
  const timeline = useTimeline(trace, route, search);
  const { columns, detail } = trace;
  const logs = route.view === 'logs';
  const open = timeline.selected >= 0;
  return (
    <main id="main" tabIndex={-1} class={open ? 'trace with-panel' : 'trace'}>
      <TraceHead trace={trace} gone={state.gone} />
      <TraceNotes trace={trace} state={state} timeline={timeline} wantedSpan={route.spanId} />
      <TraceToolbar trace={trace} timeline={timeline} searchRef={search} view={route.view} />
      <div class="trace-body">
        {logs ? (
          <LogView trace={trace} gone={state.gone} selected={timeline.selected} onSelect={timeline.select} />
        ) : (
          <section class="timeline" aria-label="Timeline">
            <Minimap
              columns={columns}
              whole={timeline.whole}
              shown={timeline.shown}
              onShown={timeline.setShown}
            />
            <Waterfall
              trace={trace}
              rows={timeline.rows}
              collapsed={timeline.collapsed}
              whole={timeline.whole}
              shown={timeline.shown}
              onShown={timeline.setShown}
              critical={timeline.critical}
              active={timeline.active}
              onActive={timeline.setActive}
              onMove={timeline.move}
              selected={timeline.selected}
              onSelect={timeline.select}
              onClose={timeline.close}
              onToggle={timeline.toggle}
              found={timeline.foundSet}
              jump={timeline.jump}
            />
            {detail.looseLogs.length > 0 && (
              <p class="loose">
                {plural(detail.looseLogs.length, 'log line')} of this trace without a span here:{' '}
                <a href={timeline.hrefOf('logs')}>all log lines</a>
              </p>
            )}
          </section>
        )}
        {open && (
          <SpanPanel
            key={columns.id[timeline.selected]}
            trace={trace}
            span={timeline.selected}
            onClose={timeline.close}
            onSpan={timeline.goTo}
            onZoom={timeline.zoomTo}
          />
        )}
      </div>
    </main>
  );
}
