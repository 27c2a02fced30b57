import type { JSX } from 'preact';

import { useRangeDrag } from './range-drag.ts';
import { placeOf, ticks, tickText, type TimeWindow, within } from './time-window.ts';

interface Props {
  readonly whole: TimeWindow;
  readonly shown: TimeWindow;
  readonly onShown: (shown: TimeWindow) => void;
  readonly narrow: boolean;
}

/** The time above the bars; dragging over it shows the stretch that was marked. */
export function Ruler({ whole, shown, onShown, narrow }: Props): JSX.Element {
  const { marked, handlers } = useRangeDrag(shown, (range) => onShown(within(whole, range)));
  const times = ticks(shown, narrow ? 4 : 7);
  const step = (times[1] ?? 1) - (times[0] ?? 0);
  return (
    <div class="ruler" title="Drag to zoom" {...handlers}>
      {times.map((us) => {
        const place = placeOf(shown, us);
        const last = place > 0.92;
        // It stands before its line, where the one before it ends.
        const crowded = last && step / (shown.toUs - shown.fromUs) < 0.25;
        return (
          <span
            key={us}
            class={last ? 'tick last' : 'tick'}
            style={last ? { right: `${(1 - place) * 100}%` } : { left: `${place * 100}%` }}
          >
            {crowded ? '' : tickText(us, step)}
          </span>
        );
      })}
      {marked !== undefined && <Marked axis={shown} range={marked} />}
    </div>
  );
}

/** What is being marked. */
export function Marked({
  axis,
  range,
}: {
  readonly axis: TimeWindow;
  readonly range: TimeWindow;
}): JSX.Element {
  const left = placeOf(axis, range.fromUs);
  return (
    <i
      class="marked"
      style={{ left: `${left * 100}%`, width: `${(placeOf(axis, range.toUs) - left) * 100}%` }}
    />
  );
}
