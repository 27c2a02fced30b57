import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';

import { useKeys } from '../keys.ts';
import { replaceAddress } from '../location.ts';
import { announce } from '../parts/announcer.tsx';
import { type Route, traceHref, type TraceView } from '../route.ts';
import { type Columns, failed, nameOf } from './columns.ts';
import { carriedOver, collapsedBelow, deepestShown, nextSpan, revealed, visibleRows } from './rows.ts';
import { nextFound, spansWith } from './span-search.ts';
import { moved, type TimeWindow, within, zoomed } from './time-window.ts';
import type { LoadedTrace } from './use-trace.ts';

/** What is shown of a trace's spans, and what can be done with it. */
export interface Timeline {
  readonly rows: Int32Array;
  readonly collapsed: Uint8Array;
  readonly toggle: (span: number) => void;
  /** Shows one level more, or less. */
  readonly level: (by: 1 | -1) => void;
  readonly allOpen: (open: boolean) => void;
  readonly whole: TimeWindow;
  readonly shown: TimeWindow;
  readonly setShown: (shown: TimeWindow) => void;
  readonly zoom: (factor: number) => void;
  readonly zoomTo: (span: number) => void;
  readonly critical: boolean;
  readonly setCritical: (on: boolean) => void;
  readonly active: number;
  readonly setActive: (span: number) => void;
  readonly move: (span: number, select: boolean) => void;
  /** -1 for none. */
  readonly selected: number;
  readonly select: (span: number) => void;
  readonly close: () => void;
  /** Opens what hides a span, brings it into view and shows it. */
  readonly goTo: (span: number) => void;
  readonly toError: (step: 1 | -1) => void;
  readonly toSkew: () => void;
  readonly text: string;
  readonly setText: (text: string) => void;
  readonly found: Int32Array;
  readonly foundSet: ReadonlySet<number>;
  readonly toFound: (step: 1 | -1) => void;
  readonly jump: { readonly count: number; readonly focus: boolean };
  readonly hrefOf: (view: TraceView) => string;
}

export function useTimeline(
  trace: LoadedTrace,
  route: Extract<Route, { page: 'trace' }>,
  search: { readonly current: HTMLInputElement | null },
): Timeline {
  const { columns, skew, path } = trace;
  const whole = useMemo(() => ({ fromUs: columns.fromUs, toUs: columns.toUs }), [columns]);
  const [collapsed, setCollapsed] = useState<Uint8Array>(() => new Uint8Array(columns.count));
  const [zoomedTo, setZoomedTo] = useState<TimeWindow | undefined>(undefined);
  const [critical, setCritical] = useState(true);
  const [active, setActive] = useState(0);
  const [text, setText] = useState('');
  const [jump, setJump] = useState({ count: 0, focus: false });

  // A trace that has grown: what was collapsed and where the focus was is found again by id.
  const before = useRef(columns);
  const current =
    collapsed.length === columns.count && before.current === columns
      ? collapsed
      : carriedOver(before.current, collapsed, columns);
  const activeNow =
    before.current === columns ? active : spanIndex(columns, before.current.id[active] ?? '', 0);
  useLayoutEffect(() => {
    if (before.current === columns) return;
    before.current = columns;
    setCollapsed(current);
    setActive(activeNow);
  });

  const rows = useMemo(() => visibleRows(columns, current), [columns, current]);
  const selected = useMemo(() => spanIndex(columns, route.spanId, -1), [columns, route.spanId]);
  const found = useMemo(() => spansWith(columns, text), [columns, text]);
  const foundSet = useMemo(() => new Set(found), [found]);
  const shown = zoomedTo === undefined ? whole : within(whole, zoomedTo);

  const setShown = useCallback(
    (next: TimeWindow) => {
      const all = next.fromUs <= whole.fromUs && next.toUs >= whole.toUs;
      setZoomedTo(all ? undefined : next);
    },
    [whole],
  );
  const select = useCallback(
    (span: number) => replaceAddress(traceHref(route.traceId, columns.id[span] ?? '', route.view)),
    [columns, route.traceId, route.view],
  );
  const goTo = useCallback(
    (span: number) => {
      setCollapsed((now) => (hides(columns, now, span) ? revealed(columns, now, span) : now));
      setActive(span);
      setJump(({ count }) => ({ count: count + 1, focus: true }));
      select(span);
    },
    [columns, select],
  );
  const close = useCallback(() => {
    if (route.spanId === '') return;
    replaceAddress(traceHref(route.traceId, '', route.view));
    setJump(({ count }) => ({ count: count + 1, focus: true }));
  }, [route.traceId, route.spanId, route.view]);

  // The span of the address is brought into view once, when the trace is first here.
  const opened = useRef(false);
  useEffect(() => {
    if (opened.current || selected < 0) return;
    opened.current = true;
    setCollapsed((now) => revealed(columns, now, selected));
    setActive(selected);
    setJump(({ count }) => ({ count: count + 1, focus: false }));
  }, [columns, selected]);

  const jumpTo = (span: number, none: string): void => {
    if (span < 0) announce(none);
    else goTo(span);
  };
  const toFound = (step: 1 | -1): void => {
    const place = nextFound(found, activeNow, step);
    if (place < 0) return announce('No span found');
    const span = found[place] as number;
    setCollapsed((now) => revealed(columns, now, span));
    setActive(span);
    // The focus stays in the search field: Enter goes on to the next.
    setJump(({ count }) => ({ count: count + 1, focus: document.activeElement !== search.current }));
    if (selected >= 0) select(span);
    return announce(`${place + 1} of ${found.length}: ${nameOf(columns, span)}`);
  };

  const middle = (shown.fromUs + shown.toUs) / 2;
  const timeline: Timeline = {
    rows,
    collapsed: current,
    toggle: (span) => {
      const next = current.slice();
      next[span] = next[span] === 1 ? 0 : 1;
      setCollapsed(next);
    },
    level: (by) => {
      const deepest = deepestShown(columns, rows);
      setCollapsed(collapsedBelow(columns, Math.max(1, by > 0 ? deepest + 1 : deepest - 1)));
    },
    allOpen: (open) => setCollapsed(open ? new Uint8Array(columns.count) : collapsedBelow(columns, 1)),
    whole,
    shown,
    setShown,
    zoom: (factor) => setShown(zoomed(whole, shown, factor, middle)),
    zoomTo: (span) => {
      const fromUs = columns.startUs[span] ?? 0;
      const toUs = columns.endUs[span] ?? 0;
      const room = (toUs - fromUs) * 0.05;
      setShown(within(whole, { fromUs: fromUs - room, toUs: toUs + room }));
    },
    critical,
    setCritical,
    active: activeNow,
    setActive,
    move: (span, also) => {
      setActive(span);
      setJump(({ count }) => ({ count: count + 1, focus: true }));
      if (also) select(span);
    },
    selected,
    select: (span) => {
      setActive(span);
      select(span);
    },
    close,
    goTo,
    toError: (step) =>
      jumpTo(
        nextSpan(columns.count, activeNow, step, (span) => failed(columns, span)),
        'No span failed',
      ),
    toSkew: () =>
      jumpTo(
        nextSpan(columns.count, activeNow, 1, (span) => skewed(skew, span)),
        'No span lies outside of its parent',
      ),
    text,
    setText,
    found,
    foundSet,
    toFound,
    jump,
    hrefOf: (view) => traceHref(route.traceId, route.spanId, view),
  };

  useKeys({
    '/': () => search.current?.focus(),
    Escape: close,
    e: () => timeline.toError(1),
    E: () => timeline.toError(-1),
    n: () => toFound(1),
    N: () => toFound(-1),
    '+': () => timeline.zoom(0.5),
    '=': () => timeline.zoom(0.5),
    '-': () => timeline.zoom(2),
    '[': () => setShown(moved(whole, shown, -0.25)),
    ']': () => setShown(moved(whole, shown, 0.25)),
    f: () => timeline.zoomTo(selected >= 0 ? selected : activeNow),
    '0': () => setShown(whole),
    c: path.span.length > 0 ? () => setCritical(!critical) : undefined,
  });
  return timeline;
}

function spanIndex(columns: Columns, id: string, none: number): number {
  if (id === '') return none;
  const index = columns.id.indexOf(id);
  return index < 0 ? none : index;
}

function hides({ parent }: Columns, collapsed: Uint8Array, span: number): boolean {
  for (let above = parent[span] ?? -1; above >= 0; above = parent[above] as number) {
    if (collapsed[above] === 1) return true;
  }
  return false;
}

function skewed({ beforeUs, afterUs }: LoadedTrace['skew'], span: number): boolean {
  return (beforeUs[span] as number) > 0 || (afterUs[span] as number) > 0;
}
