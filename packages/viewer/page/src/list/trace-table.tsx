import type { JSX } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';

import type { TraceSort, TraceSummary } from '../../../src/api.ts';
import { clockText, countText, cut, dayText, durationText, plural } from '../format.ts';
import type { Filters } from '../query-url.ts';
import { traceHref } from '../route.ts';
import { ServiceChip } from '../service-chip.tsx';

interface Props {
  readonly rows: readonly TraceSummary[];
  readonly gone: ReadonlySet<string>;
  readonly sort: TraceSort;
  readonly change: (changed: Partial<Filters>) => void;
}

// The row that had the focus, so that "back" finds the tab stop where it was.
let lastActive = '';

/** The traces, a row for each. The link in a row takes the focus; arrow keys move it. */
export function TraceTable({ rows, gone, sort, change }: Props): JSX.Element {
  const [active, setActive] = useState(lastActive);
  const body = useRef<HTMLTableSectionElement>(null);
  const longest = rows.reduce((most, { durationMs }) => Math.max(most, durationMs), 0);
  const activeIndex = Math.max(
    0,
    rows.findIndex(({ traceId }) => traceId === active),
  );

  const onFocus = useCallback((traceId: string) => {
    lastActive = traceId;
    setActive(traceId);
  }, []);

  const move = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const last = rows.length - 1;
    const to = {
      ArrowDown: Math.min(activeIndex + 1, last),
      ArrowUp: Math.max(activeIndex - 1, 0),
      PageDown: Math.min(activeIndex + 10, last),
      PageUp: Math.max(activeIndex - 10, 0),
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    setActive(rows[to]?.traceId ?? '');
    body.current?.querySelectorAll<HTMLAnchorElement>('a.trace-link')[to]?.focus();
  };

  return (
    <table role="grid" class="traces" aria-label="Traces" aria-rowcount={rows.length + 1}>
      <thead role="rowgroup">
        <tr role="row">
          <SortHeader name="Start" class="start" sort={sort} first="newest" second="oldest" change={change} />
          <th role="columnheader" scope="col" class="what">
            Trace
          </th>
          <th role="columnheader" scope="col" class="status">
            Status
          </th>
          <SortHeader
            name="Duration"
            class="duration"
            sort={sort}
            first="longest"
            second="shortest"
            change={change}
          />
          <SortHeader name="Spans" class="number" sort={sort} first="spans" change={change} />
          <SortHeader name="Errors" class="number" sort={sort} first="errors" change={change} />
          <th role="columnheader" scope="col" class="number">
            Logs
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup" ref={body} onKeyDown={move}>
        {rows.map((trace, index) => (
          <TraceRow
            key={trace.traceId}
            trace={trace}
            longest={longest}
            gone={gone.has(trace.traceId)}
            active={index === activeIndex}
            onFocus={onFocus}
          />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly trace: TraceSummary;
  readonly longest: number;
  readonly gone: boolean;
  readonly active: boolean;
  readonly onFocus: (traceId: string) => void;
}

/** A row that is drawn anew only where something of it has changed: a thousand are on the page, four times a second. */
function TraceRow({ trace, longest, gone, active, onFocus }: RowProps): JSX.Element {
  return useMemo(
    () => <DrawnRow trace={trace} longest={longest} gone={gone} active={active} onFocus={onFocus} />,
    [trace, longest, gone, active, onFocus],
  );
}

function DrawnRow({ trace, longest, gone, active, onFocus }: RowProps): JSX.Element {
  const { traceId, name, startMs, durationMs, httpStatus, errorCount, requestId } = trace;
  const width = longest > 0 ? Math.max(0.5, (durationMs / longest) * 100) : 0;
  const row = useRef<HTMLTableRowElement>(null);
  return (
    <tr
      role="row"
      ref={row}
      class={`${errorCount > 0 ? 'failed' : ''} ${gone ? 'gone' : ''}`}
      data-trace-id={traceId}
      onClick={(event) => {
        // The whole row is as good as its link, unless text is being marked.
        if (event.target instanceof Element && event.target.closest('a,button') !== null) return;
        if (getSelection()?.isCollapsed === false) return;
        row.current?.querySelector<HTMLAnchorElement>('a.trace-link')?.dispatchEvent(
          new MouseEvent('click', {
            bubbles: true,
            cancelable: true,
            ctrlKey: event.ctrlKey,
            metaKey: event.metaKey,
          }),
        );
      }}
    >
      <td role="gridcell" class="start">
        <time dateTime={new Date(startMs).toISOString()} title={`${dayText(startMs)} ${clockText(startMs)}`}>
          {dayText(startMs) === dayText(Date.now()) ? '' : <span class="day">{dayText(startMs)}</span>}
          {clockText(startMs)}
        </time>
      </td>
      <td role="gridcell" class="what">
        <a
          class="trace-link"
          href={traceHref(traceId)}
          tabIndex={active ? 0 : -1}
          title={cut(name, 400)}
          onFocus={() => onFocus(traceId)}
        >
          <bdi>{name === '' ? '(no name)' : cut(name, 160)}</bdi>
        </a>
        {!trace.whole && <span class="tag">root not here</span>}
        {gone && <span class="tag">let go by the store</span>}
        <div class="beneath">
          {trace.services.slice(0, 6).map(({ name: service, spans }) => (
            <span key={service} title={plural(spans, 'span')}>
              <ServiceChip name={service} />
            </span>
          ))}
          {trace.services.length > 6 && <span>and {trace.services.length - 6} more</span>}
          {requestId !== undefined && (
            <bdi class="id" title="request_id">
              {cut(requestId, 80)}
            </bdi>
          )}
        </div>
      </td>
      <td role="gridcell" class="status">
        {httpStatus !== undefined && <StatusCode code={httpStatus} />}
      </td>
      <td role="gridcell" class="duration">
        <span class="value">{durationText(durationMs * 1000)}</span>
        <span class="meter" aria-hidden="true">
          <i style={{ width: `${width}%` }} />
        </span>
      </td>
      <td role="gridcell" class="number spans">
        {countText(trace.spanCount)}
        <span class="unit">{trace.spanCount === 1 ? ' span' : ' spans'}</span>
      </td>
      <td role="gridcell" class="number errors">
        {errorCount > 0 && (
          <span class="error">
            <span aria-hidden="true">✕ </span>
            {countText(errorCount)}
            <span class="unit">{errorCount === 1 ? ' error' : ' errors'}</span>
          </span>
        )}
      </td>
      <td role="gridcell" class="number logs">
        {trace.logCount > 0 && countText(trace.logCount)}
        {trace.logCount > 0 && <span class="unit">{trace.logCount === 1 ? ' log line' : ' log lines'}</span>}
      </td>
    </tr>
  );
}

/** The status of an answer, with a mark of its class beside the colour. */
export function StatusCode({ code }: { readonly code: number }): JSX.Element {
  const kind = code >= 500 ? 'bad' : code >= 400 ? 'refused' : 'fine';
  return <span class={`code ${kind}`}>{code}</span>;
}

interface SortProps {
  readonly name: string;
  readonly class: string;
  readonly sort: TraceSort;
  readonly first: TraceSort;
  /** Where there is one: the other way round. */
  readonly second?: TraceSort;
  readonly change: (changed: Partial<Filters>) => void;
}

function SortHeader({ name, class: className, sort, first, second, change }: SortProps): JSX.Element {
  const order = sort === first ? 'descending' : sort === second ? 'ascending' : undefined;
  const next = sort === first && second !== undefined ? second : first;
  const ref = useRef<HTMLButtonElement>(null);
  const asked = useRef(false);
  useEffect(() => {
    // The table is drawn anew with the other order: the focus stays at what was pressed.
    if (asked.current) ref.current?.focus();
    asked.current = false;
  }, [sort]);
  return (
    <th role="columnheader" scope="col" class={className} aria-sort={order ?? 'none'}>
      <button
        type="button"
        ref={ref}
        class="sort"
        onClick={() => {
          asked.current = true;
          change({ sort: next });
        }}
      >
        {name}
        <span aria-hidden="true">{order === undefined ? '' : order === 'descending' ? ' ↓' : ' ↑'}</span>
      </button>
    </th>
  );
}
