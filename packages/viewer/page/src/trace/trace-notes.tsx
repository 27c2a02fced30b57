import type { JSX } from 'preact';

import { durationText, plural } from '../format.ts';
import { Notice } from '../parts/notice.tsx';
import type { TraceState } from './use-trace.ts';
import type { LoadedTrace } from './use-trace.ts';
import type { Timeline } from './use-timeline.ts';

interface Props {
  readonly trace: LoadedTrace;
  readonly state: TraceState;
  readonly timeline: Timeline;
  /** The span that the address names. */
  readonly wantedSpan: string;
}

/** What one has to know before one believes the picture. */
export function TraceNotes({ trace, state, timeline, wantedSpan }: Props): JSX.Element {
  const { columns, skew } = trace;
  const orphans = columns.orphan.reduce((count, orphan) => count + (orphan === 1 ? 1 : 0), 0);
  const cycles = columns.orphan.reduce((count, orphan) => count + (orphan === 2 ? 1 : 0), 0);
  return (
    <div class="notes">
      {state.gone && (
        <Notice kind="warning">
          The store has let this trace go to make room. What is shown was loaded before; what spans hold can
          no longer be asked for.
        </Notice>
      )}
      {state.problem !== '' && (
        <Notice kind="problem">
          {state.problem}{' '}
          <button type="button" onClick={state.reload}>
            Try again
          </button>
        </Notice>
      )}
      {state.stale && (
        <Notice kind="note">
          This trace has changed since the page was paused.{' '}
          <button type="button" onClick={state.reload}>
            Show what is new
          </button>
        </Notice>
      )}
      {wantedSpan !== '' && timeline.selected < 0 && (
        <Notice kind="warning">
          This trace has no span <code>{wantedSpan.slice(0, 64)}</code>, or it has not come yet.
        </Notice>
      )}
      {skew.count > 0 && (
        <Notice kind="warning">
          {plural(skew.count, 'span lies', 'spans lie')} outside of the time of a parent in another service,
          by up to {durationText(skew.mostUs)}: clocks differ, or the parent did not wait. Times are shown as
          they came.{' '}
          <button type="button" onClick={timeline.toSkew}>
            Next
          </button>
        </Notice>
      )}
      {orphans > 0 && (
        <Notice kind="note">
          {plural(orphans, 'span has a parent', 'spans have a parent')} that has not come: still open, lost,
          or never sent here.
        </Notice>
      )}
      {cycles > 0 && (
        <Notice kind="warning">
          {plural(cycles, 'span names', 'spans name')} a parent that is below itself.
        </Notice>
      )}
    </div>
  );
}
