import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { slotOf } from '../service-chip.tsx';
import { SLOTS } from '../service-slots.ts';
import { useMedia } from '../parts/use-media.ts';
import type { Columns } from './columns.ts';
import { useRangeDrag } from './range-drag.ts';
import { Marked } from './ruler.tsx';
import { placeOf, type TimeWindow, within } from './time-window.ts';

interface Props {
  readonly columns: Columns;
  readonly whole: TimeWindow;
  readonly shown: TimeWindow;
  readonly onShown: (shown: TimeWindow) => void;
}

/** The whole trace, small, with what is shown of its time; dragging over it shows the stretch that was marked. */
export function Minimap({ columns, whole, shown, onShown }: Props): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const dark = useMedia('(prefers-color-scheme: dark)');

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    // After the rows: 100,000 bars take a moment.
    const frame = requestAnimationFrame(() => {
      if (canvas.current !== null && width > 0) draw(canvas.current, columns, whole);
    });
    return () => cancelAnimationFrame(frame);
  }, [columns, whole, width, dark]);

  const { marked, handlers } = useRangeDrag(
    whole,
    (range) => onShown(within(whole, range)),
    (us) => {
      const half = (shown.toUs - shown.fromUs) / 2;
      onShown(within(whole, { fromUs: us - half, toUs: us + half }));
    },
  );
  const left = placeOf(whole, shown.fromUs) * 100;
  const right = 100 - placeOf(whole, shown.toUs) * 100;
  return (
    <div class="minimap" title="Drag to zoom" {...handlers}>
      <canvas ref={canvas} aria-hidden="true" />
      {left > 0 && <i class="shade" style={{ left: 0, width: `${left}%` }} />}
      {right > 0 && <i class="shade" style={{ right: 0, width: `${right}%` }} />}
      {left + right > 0 && <i class="frame" style={{ left: `${left}%`, right: `${right}%` }} />}
      {marked !== undefined && <Marked axis={whole} range={marked} />}
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, columns: Columns, whole: TimeWindow): void {
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.round(canvas.clientWidth * scale);
  canvas.height = Math.round(canvas.clientHeight * scale);
  const pen = canvas.getContext('2d');
  if (pen === null) return;
  const styles = getComputedStyle(canvas);
  const colors = Array.from({ length: SLOTS }, (_, slot) =>
    styles.getPropertyValue(`--service-${slot}`).trim(),
  );
  const slots = columns.services.map((name) => slotOf(name));
  const line = canvas.height / Math.max(columns.count, 1);
  const thick = Math.max(scale, Math.min(line * 0.7, 3 * scale));
  const pixels = canvas.width / (whole.toUs - whole.fromUs || 1);

  const bar = (span: number): void => {
    const from = ((columns.startUs[span] as number) - whole.fromUs) * pixels;
    const length = ((columns.endUs[span] as number) - (columns.startUs[span] as number)) * pixels;
    pen.fillRect(from, span * line, Math.max(length, scale), thick);
  };
  let color = '';
  for (let span = 0; span < columns.count; span += 1) {
    const wanted = colors[slots[columns.service[span] as number] ?? 0] ?? '';
    if (wanted !== color) pen.fillStyle = color = wanted;
    bar(span);
  }
  // Over all others: no error hides below what is drawn later.
  pen.fillStyle = styles.getPropertyValue('--error').trim();
  for (let span = 0; span < columns.count; span += 1) if (columns.status[span] === 2) bar(span);
}
