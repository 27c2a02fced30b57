import type { JSX } from 'preact';
import { useCallback, useEffect, useRef } from 'preact/hooks';

import { countText, plural } from '../format.ts';
import { useLive } from '../live.ts';
import { replaceAddress } from '../location.ts';
import { Notice } from '../parts/notice.tsx';
import { filterCount, type Filters, filtersOf, LIMITS, NO_FILTERS, searchOf } from '../query-url.ts';
import { EmptyStore } from './empty-store.tsx';
import { FilterBar } from './filter-bar.tsx';
import { ImportButton, useDrop } from './import-file.tsx';
import { TraceTable } from './trace-table.tsx';
import { useTraceList } from './use-trace-list.ts';

// Where the list stood when it was left, so that "back" comes to the same place.
let left: { search: string; top: number } | undefined;

/**
 * All traces that pass the filters of the address.
 *
 * For tests: `grid "Traces"` holds a `row` for each trace, whose one link bears the trace's name; filters are fields by
 * their labels; `button "Show N new traces"` appears while rows are held back.
 */
export function ListPage({ search }: { readonly search: string }): JSX.Element {
  const filters = filtersOf(search);
  const wanted = searchOf(filters);
  const scroller = useRef<HTMLDivElement>(null);
  const lastMove = useRef(-Infinity);

  const isRead = useCallback(() => {
    const box = scroller.current;
    if (box === null) return false;
    const pointed = performance.now() - lastMove.current < 2000;
    const focused = box.querySelector('tbody')?.contains(document.activeElement) === true;
    return box.scrollTop > 4 || pointed || focused;
  }, []);
  const list = useTraceList(wanted, isRead);
  const { counts } = useLive();
  const { waiting, catchUp } = list;
  useEffect(() => {
    if (waiting === 0) return undefined;
    // The reader may have gone: a pointer that rests is no reader.
    const timer = setInterval(() => {
      if (!isRead()) catchUp();
    }, 1000);
    return () => clearInterval(timer);
  }, [waiting, catchUp, isRead]);
  const { dropping, problem: importProblem, imported, take } = useDrop();

  useEffect(() => {
    document.title = 'Traces · Tracing viewer';
  }, []);
  useEffect(() => {
    const box = scroller.current;
    if (box === null) return undefined;
    if (left?.search === wanted) box.scrollTop = left.top;
    else box.scrollTop = 0;
    const note = (): void => {
      left = { search: wanted, top: box.scrollTop };
    };
    box.addEventListener('scroll', note, { passive: true });
    return () => box.removeEventListener('scroll', note);
  }, [wanted]);

  const change = (changed: Partial<Filters>): void => {
    replaceAddress(`/${searchOf({ ...filters, ...changed })}`);
  };
  const showAll = (): void => change({ ...NO_FILTERS, sort: filters.sort, limit: filters.limit });
  const more = LIMITS.find((limit) => limit > filters.limit);
  const empty = list.loaded && list.rows.length === 0;
  const nothingHeld = counts !== undefined && counts.traces === 0;

  return (
    <main id="main" tabIndex={-1} class={dropping ? 'list dropping' : 'list'}>
      <div class="list-head">
        <h1>Traces</h1>
        <p class="matched" role="status">
          {list.loaded && `${countText(list.matched)} ${filterCount(filters) > 0 ? 'match' : 'in all'}`}
        </p>
        <ImportButton take={take} />
      </div>
      <FilterBar filters={filters} change={change} clear={showAll} />
      {list.problem !== '' && (
        <Notice kind="problem">
          {list.problem}{' '}
          <button type="button" onClick={list.reload}>
            Try again
          </button>
        </Notice>
      )}
      {importProblem !== '' && <Notice kind="problem">{importProblem}</Notice>}
      {imported !== '' && <Notice kind="note">{imported}</Notice>}
      <div class="list-rows" ref={scroller} onPointerMove={() => (lastMove.current = performance.now())}>
        {(list.waiting > 0 || list.missed > 0) && (
          <div class="news">
            {list.waiting > 0 && (
              <button
                type="button"
                onClick={() => {
                  list.catchUp();
                  if (scroller.current !== null) scroller.current.scrollTop = 0;
                }}
              >
                Show {plural(list.waiting, 'new trace')}
              </button>
            )}
            {list.missed > 0 && <span>Paused; {plural(list.missed, 'change')} since</span>}
          </div>
        )}
        {empty && nothingHeld && <EmptyStore />}
        {empty && !nothingHeld && (
          <div class="empty">
            <p>No trace passes these filters.</p>
            {filterCount(filters) > 0 && (
              <button type="button" onClick={showAll}>
                Clear filters
              </button>
            )}
          </div>
        )}
        {list.rows.length > 0 && (
          <TraceTable rows={list.rows} gone={list.gone} sort={filters.sort} change={change} />
        )}
        {list.rows.length > 0 && list.matched > list.rows.length && (
          <p class="more">
            {countText(list.rows.length)} of {countText(list.matched)} are shown.{' '}
            {more === undefined ? (
              'Narrow the filters to see the others.'
            ) : (
              <button type="button" onClick={() => change({ limit: more })}>
                Show {countText(more)}
              </button>
            )}
          </p>
        )}
      </div>
    </main>
  );
}
