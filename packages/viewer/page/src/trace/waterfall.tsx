import type { JSX } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

import { plural } from '../format.ts';
import { NARROW, useMedia } from '../parts/use-media.ts';
import { rowOf } from './rows.ts';
import { Ruler } from './ruler.tsx';
import { type TimeWindow, timeAt, zoomed } from './time-window.ts';
import type { LoadedTrace } from './use-trace.ts';
import { WaterfallRow } from './waterfall-row.tsx';

export const ROW_HEIGHT = 26;
export const NARROW_ROW_HEIGHT = 46;
const HEAD_HEIGHT = 28;
/** Rows beyond those that are seen: a flick of the wheel shows no gap. */
const SPARE = 12;

export interface WaterfallProps {
  readonly trace: LoadedTrace;
  /** The spans that are shown, by their index. */
  readonly rows: Int32Array;
  readonly collapsed: Uint8Array;
  readonly whole: TimeWindow;
  readonly shown: TimeWindow;
  readonly onShown: (shown: TimeWindow) => void;
  readonly critical: boolean;
  /** The span that has the focus, or would have it. */
  readonly active: number;
  readonly onActive: (span: number) => void;
  /** To another span by a key: it is to have the focus, and the panel where `select` says so. */
  readonly onMove: (span: number, select: boolean) => void;
  /** The span of the panel; -1 for none. */
  readonly selected: number;
  readonly onSelect: (span: number) => void;
  readonly onClose: () => void;
  readonly onToggle: (span: number) => void;
  readonly found: ReadonlySet<number>;
  /** Goes up when `active` is to be brought into view, and to have the focus where `focus` says so. */
  readonly jump: { readonly count: number; readonly focus: boolean };
}

/**
 * The spans as bars in time: a tree of which only the rows that are seen are in the document, with the active one.
 *
 * For tests: `treegrid "Spans"`; a `row` is named by service, name, marks and duration, and has `aria-level`,
 * `aria-expanded` where it has children, `aria-selected` where the panel shows it, and `data-span-id`.
 */
export function Waterfall(props: WaterfallProps): JSX.Element {
  const { trace, rows, active, jump, shown, whole, onShown } = props;
  const { columns } = trace;
  const narrow = useMedia(NARROW);
  const height = narrow ? NARROW_ROW_HEIGHT : ROW_HEIGHT;
  const scroller = useRef<HTMLDivElement>(null);
  const [range, setRange] = useState({ first: 0, last: 60 });
  const activeRow = rowOf(rows, active);

  const measure = useCallback(() => {
    const box = scroller.current;
    if (box === null) return;
    // By some rows at a time: most scroll events then draw nothing.
    const step = 6;
    const first = Math.max(0, Math.floor(box.scrollTop / height / step) * step - SPARE);
    const last = Math.ceil((box.scrollTop + box.clientHeight) / height / step) * step + SPARE;
    setRange((before) => (before.first === first && before.last === last ? before : { first, last }));
  }, [height]);

  useLayoutEffect(() => {
    const box = scroller.current;
    if (box === null) return undefined;
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    box.addEventListener('scroll', measure, { passive: true });
    measure();
    return () => {
      observer.disconnect();
      box.removeEventListener('scroll', measure);
    };
  }, [measure]);

  useKeptPlace(scroller, props, height);

  const bringIntoView = useCallback(
    (row: number) => {
      const box = scroller.current;
      if (box === null || row < 0) return;
      const top = row * height;
      const seen = box.clientHeight - HEAD_HEIGHT;
      if (top < box.scrollTop) box.scrollTop = top;
      else if (top + height > box.scrollTop + seen) box.scrollTop = top + height - seen;
    },
    [height],
  );

  // The row is in the document by then: the active one always is.
  const focusActive = useCallback(() => {
    scroller.current?.querySelector<HTMLElement>('[role=row][tabindex="0"]')?.focus({ preventScroll: true });
  }, []);
  const jumped = useRef(jump.count);
  useLayoutEffect(() => {
    if (jump.count === jumped.current) return;
    jumped.current = jump.count;
    bringIntoView(activeRow);
    if (jump.focus) focusActive();
  }, [jump, activeRow, bringIntoView, focusActive]);

  useZoomByWheel(scroller, whole, shown, onShown);

  const seen: number[] = [];
  for (let row = range.first; row < Math.min(range.last, rows.length); row += 1) seen.push(row);
  if (activeRow >= 0 && (activeRow < range.first || activeRow >= range.last)) seen.push(activeRow);

  return (
    <div
      role="treegrid"
      class="waterfall"
      aria-label="Spans"
      aria-rowcount={rows.length + 1}
      aria-colcount={3}
      aria-readonly="true"
      ref={scroller}
      onKeyDown={(event) => onKey(event, props, activeRow, Math.max(1, pageOf(scroller.current, height)))}
    >
      <div role="rowgroup" class="waterfall-head">
        <div role="row" aria-rowindex={1} class="head-row">
          <div role="columnheader" class="cell-name">
            {plural(columns.count, 'span')}
          </div>
          <div role="columnheader" class="cell-self" title="Time in which none of its children ran">
            Self
          </div>
          <div role="columnheader" class="cell-time" aria-label="Time">
            <Ruler whole={whole} shown={shown} onShown={onShown} narrow={narrow} />
          </div>
        </div>
      </div>
      <div role="rowgroup" class="waterfall-body" style={{ height: `${rows.length * height}px` }}>
        {seen.map((row) => {
          const span = rows[row] as number;
          return (
            <WaterfallRow
              key={columns.id[span]}
              trace={trace}
              span={span}
              row={row}
              top={row * height}
              shown={shown}
              collapsed={props.collapsed[span] === 1}
              critical={props.critical}
              active={row === activeRow}
              selected={span === props.selected}
              found={props.found.has(span)}
              onClick={props.onSelect}
              onFocus={props.onActive}
              onToggle={props.onToggle}
            />
          );
        })}
      </div>
    </div>
  );
}

function pageOf(box: HTMLElement | null, height: number): number {
  return box === null ? 1 : Math.floor((box.clientHeight - HEAD_HEIGHT) / height) - 1;
}

/** Keys of a tree of rows, by the ARIA practices' pattern of a treegrid. */
function onKey(event: KeyboardEvent, props: WaterfallProps, row: number, page: number): void {
  if (event.ctrlKey || event.metaKey || event.altKey || row < 0) return;
  const { rows, collapsed, trace, onSelect, onClose, onToggle } = props;
  const { columns } = trace;
  const span = rows[row] as number;
  const parent = (columns.children[span] as number) > 0;
  const closed = collapsed[span] === 1;
  const to = (next: number): void => {
    const target = rows[Math.min(Math.max(next, 0), rows.length - 1)] as number;
    // While the panel is open it follows.
    props.onMove(target, props.selected >= 0);
  };
  const actions: Record<string, (() => void) | undefined> = {
    ArrowDown: () => to(row + 1),
    ArrowUp: () => to(row - 1),
    PageDown: () => to(row + page),
    PageUp: () => to(row - page),
    Home: () => to(0),
    End: () => to(rows.length - 1),
    ArrowRight: () => {
      if (parent && closed) onToggle(span);
      else if (parent) to(row + 1);
    },
    ArrowLeft: () => {
      if (parent && !closed) onToggle(span);
      else if ((columns.parent[span] as number) >= 0) to(rowOf(rows, columns.parent[span] as number));
    },
    Enter: () => onSelect(span),
    ' ': () => onSelect(span),
    Escape: onClose,
  };
  const action = actions[event.key];
  if (action === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  action();
}

/** Nearer and farther by the wheel with Ctrl, around the pointer. */
function useZoomByWheel(
  scroller: { readonly current: HTMLElement | null },
  whole: TimeWindow,
  shown: TimeWindow,
  onShown: (shown: TimeWindow) => void,
): void {
  const latest = useRef({ whole, shown, onShown });
  latest.current = { whole, shown, onShown };
  useEffect(() => {
    const box = scroller.current;
    if (box === null) return undefined;
    const wheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const axis = box.querySelector('.waterfall-head .cell-time')?.getBoundingClientRect();
      if (axis === undefined || axis.width === 0) return;
      const now = latest.current;
      const place = Math.min(1, Math.max(0, (event.clientX - axis.left) / axis.width));
      now.onShown(zoomed(now.whole, now.shown, Math.exp(event.deltaY * 0.002), timeAt(now.shown, place)));
    };
    // Not passive: the browser would zoom the whole page.
    box.addEventListener('wheel', wheel, { passive: false });
    return () => box.removeEventListener('wheel', wheel);
  }, [scroller]);
}

/** Where the trace has grown, the first row that was seen stays where it was. */
function useKeptPlace(
  scroller: { readonly current: HTMLElement | null },
  { trace, rows }: WaterfallProps,
  height: number,
): void {
  const before = useRef({ columns: trace.columns, rows });
  useLayoutEffect(() => {
    const box = scroller.current;
    const last = before.current;
    before.current = { columns: trace.columns, rows };
    if (box === null || last.columns === trace.columns || box.scrollTop === 0) return;
    const first = last.rows[Math.floor(box.scrollTop / height)];
    const id = first === undefined ? undefined : last.columns.id[first];
    const now = id === undefined ? -1 : trace.columns.id.indexOf(id);
    if (now >= 0) box.scrollTop = rowOf(rows, now) * height + (box.scrollTop % height);
  }, [scroller, trace, rows, height]);
}
