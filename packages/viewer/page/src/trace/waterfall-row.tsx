import type { JSX } from 'preact';

import { countText, cut, durationText, kindText, plural } from '../format.ts';
import { ServiceChip, serviceClass } from '../service-chip.tsx';
import { type Columns, durationOf, failed, nameOf, serviceOf } from './columns.ts';
import { barOf, type TimeWindow } from './time-window.ts';
import type { LoadedTrace } from './use-trace.ts';

const INDENT_PX = 14;
/** Beyond this the depth is told as a number: names keep their room. */
const DEEPEST_INDENT = 16;

interface RowProps {
  readonly trace: LoadedTrace;
  readonly span: number;
  readonly row: number;
  readonly top: number;
  readonly shown: TimeWindow;
  readonly collapsed: boolean;
  readonly critical: boolean;
  readonly active: boolean;
  readonly selected: boolean;
  readonly found: boolean;
  readonly onClick: (span: number) => void;
  readonly onFocus: (span: number) => void;
  readonly onToggle: (span: number) => void;
}

/** One span: its name in the tree, and its bar in time. */
export function WaterfallRow(props: RowProps): JSX.Element {
  const { trace, span, top, active, selected, found, collapsed } = props;
  const { columns, self } = trace;
  const error = failed(columns, span);
  const parent = (columns.children[span] as number) > 0;
  const level = columns.level[span] as number;
  const above = columns.parent[span] as number;
  const classes = ['span-row', error && 'failed', selected && 'selected', found && 'found'].filter(Boolean);
  return (
    <div
      role="row"
      class={classes.join(' ')}
      style={{ top: `${top}px` }}
      tabIndex={active ? 0 : -1}
      aria-rowindex={props.row + 2}
      aria-level={level}
      aria-posinset={columns.position[span]}
      aria-setsize={above < 0 ? columns.roots : columns.children[above]}
      aria-expanded={parent ? !collapsed : undefined}
      aria-selected={selected}
      data-span-id={columns.id[span]}
      onClick={() => props.onClick(span)}
      onFocus={() => props.onFocus(span)}
    >
      <div role="gridcell" class="cell-name">
        <Indent level={level} />
        <Toggle {...props} parent={parent} />
        <ServiceChip name={serviceOf(columns, span)} />
        <bdi class="span-name" title={cut(nameOf(columns, span), 400)}>
          {cut(nameOf(columns, span), 200) || '(no name)'}
        </bdi>
        <Marks trace={trace} span={span} />
      </div>
      <div role="gridcell" class="cell-self">
        {durationText(self[span] as number)}
      </div>
      <div role="gridcell" class="cell-time">
        <BarOf {...props} error={error} />
      </div>
    </div>
  );
}

function Indent({ level }: { readonly level: number }): JSX.Element {
  const steps = Math.min(level - 1, DEEPEST_INDENT);
  return (
    <>
      <span class="indent" style={{ width: `${steps * INDENT_PX}px` }} />
      {level - 1 > DEEPEST_INDENT && (
        <span class="depth" title={`Level ${level}`}>
          {level}
        </span>
      )}
    </>
  );
}

/** For the pointer only: keys and screen readers have the row itself. */
function Toggle({
  span,
  collapsed,
  onToggle,
  parent,
  trace,
}: RowProps & { readonly parent: boolean }): JSX.Element {
  if (!parent) return <span class="toggle" />;
  const hidden = (trace.columns.after[span] as number) - span - 1;
  return (
    <span
      class="toggle parent"
      aria-hidden="true"
      title={collapsed ? `Show ${plural(hidden, 'span')} below` : `Hide ${plural(hidden, 'span')} below`}
      onClick={(event) => {
        event.stopPropagation();
        onToggle(span);
      }}
    >
      {collapsed ? '▸' : '▾'}
      {collapsed && <span class="hidden-count">{countText(hidden)}</span>}
    </span>
  );
}

function Marks({ trace, span }: { readonly trace: LoadedTrace; readonly span: number }): JSX.Element {
  const { columns, skew } = trace;
  const logs = columns.logs[span] as number;
  const links = columns.links[span] as number;
  const skewed = (skew.beforeUs[span] as number) > 0 || (skew.afterUs[span] as number) > 0;
  return (
    <span class="marks">
      {failed(columns, span) && <Mark class="error" sign="✕" text="failed" />}
      {orphanText(columns, span) !== '' && <Mark class="warning" sign="↑" text={orphanText(columns, span)} />}
      {skewed && <Mark class="warning" sign="◷" text="outside of its parent's time" />}
      {links > 0 && <Mark class="quiet" sign={`⇄${links > 1 ? links : ''}`} text={plural(links, 'link')} />}
      {logs > 0 && <Mark class="quiet" sign={`≡${logs}`} text={plural(logs, 'log line')} />}
    </span>
  );
}

function Mark({
  class: name,
  sign,
  text,
}: {
  readonly class: string;
  readonly sign: string;
  readonly text: string;
}): JSX.Element {
  return (
    <span class={`mark ${name}`} title={text}>
      <span aria-hidden="true">{sign}</span>
      <span class="unseen"> {text} </span>
    </span>
  );
}

/** What is told of a root that is none; empty for all others. */
export function orphanText({ orphan }: Columns, span: number): string {
  if (orphan[span] === 1) return 'its parent has not come';
  if (orphan[span] === 2) return 'its parent is below itself';
  return '';
}

function BarOf({ trace, span, shown, critical, error }: RowProps & { readonly error: boolean }): JSX.Element {
  const { columns, path, self } = trace;
  const from = columns.startUs[span] as number;
  const to = columns.endUs[span] as number;
  const duration = durationText(durationOf(columns, span));
  const bar = barOf(shown, from, to);
  if (bar === undefined) {
    const before = to < shown.fromUs;
    return (
      <span class={`outside ${before ? 'before' : 'after'}`}>
        <span aria-hidden="true">{before ? '◂ ' : ''}</span>
        {duration}
        <span aria-hidden="true">{before ? '' : ' ▸'}</span>
      </span>
    );
  }
  const title = `${kindText(columns.kind[span] as number)}, ${duration}, self ${durationText(self[span] as number)}`;
  const place =
    bar.label === 'after'
      ? { left: percent(bar.left + bar.width) }
      : bar.label === 'before'
        ? { right: percent(1 - bar.left) }
        : { left: percent(bar.left) };
  return (
    <>
      <span
        class={`bar ${serviceClass(serviceOf(columns, span))} ${error ? 'error' : ''}`}
        style={{ left: percent(bar.left), width: percent(bar.width) }}
        title={title}
      />
      {critical && <Stretches path={path} span={span} shown={shown} />}
      <span class={`bar-label ${bar.label}`} style={place}>
        {duration}
      </span>
    </>
  );
}

/** At most so many stretches of one span are drawn: of more, one could not be told from the next. */
const MOST_STRETCHES = 200;

function Stretches({
  path,
  span,
  shown,
}: {
  readonly path: LoadedTrace['path'];
  readonly span: number;
  readonly shown: TimeWindow;
}): JSX.Element {
  const bars: JSX.Element[] = [];
  for (let index = path.first[span] ?? -1; index >= 0; index = path.next[index] as number) {
    const bar = barOf(shown, path.fromUs[index] as number, path.toUs[index] as number);
    if (bar === undefined) continue;
    bars.push(
      <i key={index} class="critical" style={{ left: percent(bar.left), width: percent(bar.width) }} />,
    );
    if (bars.length === MOST_STRETCHES) break;
  }
  return <>{bars}</>;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(4)}%`;
}
