import { useRef, useState } from 'preact/hooks';

import { type TimeWindow, timeAt } from './time-window.ts';

const LEAST_PX = 4;

/** A stretch of time that is being marked with the pointer, and the handlers that do it. */
export interface RangeDrag {
  /** Undefined while nothing is marked. */
  readonly marked: TimeWindow | undefined;
  readonly handlers: {
    readonly onPointerDown: (event: PointerEvent) => void;
    readonly onPointerMove: (event: PointerEvent) => void;
    readonly onPointerUp: (event: PointerEvent) => void;
    readonly onPointerCancel: () => void;
  };
}

/**
 * Marks a stretch of an axis by dragging over it.
 *
 * @param axis The time that the element's width stands for.
 * @param onRange What was marked, when the pointer is let go.
 * @param onPoint A time that was pressed without dragging.
 */
export function useRangeDrag(
  axis: TimeWindow,
  onRange: (range: TimeWindow) => void,
  onPoint: (us: number) => void = () => {},
): RangeDrag {
  const start = useRef<{ x: number; us: number } | undefined>(undefined);
  const [marked, setMarked] = useState<TimeWindow | undefined>(undefined);
  const timeOf = (event: PointerEvent): number => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const place = box.width === 0 ? 0 : (event.clientX - box.left) / box.width;
    return timeAt(axis, Math.min(1, Math.max(0, place)));
  };
  const rangeTo = (event: PointerEvent): TimeWindow | undefined => {
    if (start.current === undefined || Math.abs(event.clientX - start.current.x) < LEAST_PX) return undefined;
    const us = timeOf(event);
    return { fromUs: Math.min(us, start.current.us), toUs: Math.max(us, start.current.us) };
  };
  return {
    marked,
    handlers: {
      onPointerDown(event) {
        if (event.button !== 0) return;
        (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
        start.current = { x: event.clientX, us: timeOf(event) };
        event.preventDefault();
      },
      onPointerMove(event) {
        if (start.current !== undefined) setMarked(rangeTo(event));
      },
      onPointerUp(event) {
        const from = start.current;
        const range = rangeTo(event);
        start.current = undefined;
        setMarked(undefined);
        if (range !== undefined) onRange(range);
        else if (from !== undefined) onPoint(from.us);
      },
      onPointerCancel() {
        start.current = undefined;
        setMarked(undefined);
      },
    },
  };
}
