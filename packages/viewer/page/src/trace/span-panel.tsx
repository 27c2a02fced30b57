import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import type { SpanDetail, SpanLink } from '../../../src/api.ts';
import { cut, durationText, isoNanoText, kindText, microsBetween, offsetText } from '../format.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { LongText } from '../parts/long-text.tsx';
import { Notice } from '../parts/notice.tsx';
import { traceHref } from '../route.ts';
import { ServiceChip } from '../service-chip.tsx';
import { AttributeTable } from './attribute-table.tsx';
import { durationOf, nameOf, serviceOf } from './columns.ts';
import { LogLines } from './log-lines.tsx';
import { useSpan } from './use-span.ts';
import type { LoadedTrace } from './use-trace.ts';
import { orphanText } from './waterfall-row.tsx';

interface Props {
  readonly trace: LoadedTrace;
  readonly span: number;
  readonly onClose: () => void;
  readonly onSpan: (span: number) => void;
  readonly onZoom: (span: number) => void;
}

/** All that one span holds. A `complementary` landmark, named by the span. */
export function SpanPanel({ trace, span, onClose, onSpan, onZoom }: Props): JSX.Element {
  const { columns, detail, self, path } = trace;
  const id = columns.id[span] as string;
  const { span: whole, problem } = useSpan(detail.summary.traceId, id, detail.summary.revision);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (panel.current !== null) panel.current.scrollTop = 0;
  }, [id]);
  const name = nameOf(columns, span);
  const onPath = path.timeUs[span] as number;
  const parent = columns.parent[span] as number;
  return (
    <aside
      class="panel"
      ref={panel}
      aria-label={`Span ${cut(name, 80)}`}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onClose();
      }}
    >
      <header>
        <div class="panel-title">
          <h2>
            <LongText text={name === '' ? '(no name)' : name} />
          </h2>
          <button
            type="button"
            class="quiet"
            aria-label="Close the span"
            title="Close (key: Esc)"
            onClick={onClose}
          >
            ✕
          </button>
        </div>
        <p class="panel-kind">
          <ServiceChip name={serviceOf(columns, span)} />
          <span>{kindText(columns.kind[span] as number)}</span>
          <StatusText status={columns.status[span] as number} />
        </p>
      </header>
      {whole?.status.message !== undefined && whole.status.message !== '' && (
        <div class="status-message">
          <LongText text={whole.status.message} />
        </div>
      )}
      <SkewNote trace={trace} span={span} />
      {orphanText(columns, span) !== '' && (
        <Notice kind="note">
          A root here: {orphanText(columns, span)}
          {whole?.parentSpanId !== undefined && (
            <>
              {' '}
              (<code>{whole.parentSpanId}</code>)
            </>
          )}
          .
        </Notice>
      )}
      <dl class="times">
        <Fact name="Duration">{durationText(durationOf(columns, span))}</Fact>
        <Fact name="Self time">{durationText(self[span] as number)}</Fact>
        <Fact name="Start">{offsetText(columns.startUs[span] as number)}</Fact>
        <Fact name="End">{offsetText(columns.endUs[span] as number)}</Fact>
        {onPath > 0 && <Fact name="On critical path">{durationText(onPath)}</Fact>}
      </dl>
      <p class="panel-tools">
        <button type="button" title="Key: f" onClick={() => onZoom(span)}>
          Zoom to span
        </button>
        {parent >= 0 && (
          <button type="button" onClick={() => onSpan(parent)}>
            To parent
          </button>
        )}
      </p>
      {problem !== '' && <Notice kind="problem">{problem}</Notice>}
      {whole === undefined && problem === '' && <p class="dim">Loading…</p>}
      {whole !== undefined && <Whole span={whole} trace={trace} onSpan={onSpan} />}
    </aside>
  );
}

function Whole({
  span,
  trace,
  onSpan,
}: {
  readonly span: SpanDetail;
  readonly trace: LoadedTrace;
  readonly onSpan: (span: number) => void;
}): JSX.Element {
  const { startTimeUnixNano } = trace.detail;
  return (
    <>
      <Section title="Attributes" count={Object.keys(span.attributes).length} open>
        <AttributeTable attributes={span.attributes} />
      </Section>
      <Section title="Log lines" count={span.logs.length} open>
        <LogLines lines={span.logs} startTimeUnixNano={startTimeUnixNano} />
      </Section>
      <Section title="Events" count={span.events.length} open>
        <ul class="events">
          {span.events.map((event, index) => (
            <li key={index}>
              <p>
                <time title={isoNanoText(event.timeUnixNano)}>
                  {offsetText(microsBetween(startTimeUnixNano, event.timeUnixNano))}
                </time>{' '}
                <LongText text={event.name} class="strong" />
              </p>
              <AttributeTable attributes={event.attributes} />
            </li>
          ))}
        </ul>
      </Section>
      <Section title="Links" count={span.links.length} open>
        <Links links={span.links} trace={trace} onSpan={onSpan} />
      </Section>
      <Section title="Linked from" count={span.linkedFrom.length} open>
        <Links links={span.linkedFrom} trace={trace} onSpan={onSpan} />
      </Section>
      <Section title="Resource" count={Object.keys(span.resource).length}>
        <AttributeTable attributes={span.resource} />
      </Section>
      <Section title="Ids and times" count={1} open>
        <dl class="attributes">
          <Id name="Span id" value={span.spanId} />
          {span.parentSpanId !== undefined && <Id name="Parent span id" value={span.parentSpanId} />}
          <Id name="Trace id" value={span.traceId} />
          <Id name="Start" value={isoNanoText(span.startTimeUnixNano)} />
          <Id name="End" value={isoNanoText(span.endTimeUnixNano)} />
          <Id
            name="Scope"
            value={[span.scope.name, span.scope.version].filter(Boolean).join(' ') || '(none)'}
          />
        </dl>
      </Section>
    </>
  );
}

function Links({
  links,
  trace,
  onSpan,
}: {
  readonly links: readonly SpanLink[];
  readonly trace: LoadedTrace;
  readonly onSpan: (span: number) => void;
}): JSX.Element {
  const { columns, detail } = trace;
  return (
    <ul class="links">
      {links.map((link, index) => {
        const here = link.traceId === detail.summary.traceId ? columns.id.indexOf(link.spanId) : -1;
        return (
          <li key={index}>
            <p>
              {here >= 0 ? (
                <button type="button" class="link" onClick={() => onSpan(here)}>
                  span {link.spanId} of this trace
                </button>
              ) : link.known ? (
                <a href={traceHref(link.traceId, link.spanId)}>
                  span {link.spanId} of trace {link.traceId}
                </a>
              ) : (
                <>
                  span <code>{link.spanId}</code> of trace <code>{link.traceId}</code>, which is not in the
                  store
                </>
              )}
            </p>
            <AttributeTable attributes={link.attributes} />
          </li>
        );
      })}
    </ul>
  );
}

function SkewNote({
  trace,
  span,
}: {
  readonly trace: LoadedTrace;
  readonly span: number;
}): JSX.Element | null {
  const before = trace.skew.beforeUs[span] as number;
  const after = trace.skew.afterUs[span] as number;
  if (before === 0 && after === 0) return null;
  const parts = [
    ...(before > 0 ? [`starts ${durationText(before)} before`] : []),
    ...(after > 0 ? [`ends ${durationText(after)} after`] : []),
  ];
  return (
    <Notice kind="warning">
      It {parts.join(' and ')} its parent, which another service measured.{' '}
      {before > 0
        ? 'No call begins before it is made: the two clocks differ by at least that.'
        : 'The two clocks differ, or the parent did not wait.'}
    </Notice>
  );
}

function StatusText({ status }: { readonly status: number }): JSX.Element | null {
  if (status === 2) {
    return (
      <span class="error">
        <span aria-hidden="true">✕ </span>ERROR
      </span>
    );
  }
  return status === 1 ? <span class="ok">✓ OK</span> : null;
}

function Section({
  title,
  count,
  open = false,
  children,
}: {
  readonly title: string;
  readonly count: number;
  readonly open?: boolean;
  readonly children: ComponentChildren;
}): JSX.Element | null {
  if (count === 0) return null;
  return (
    <details class="section" open={open}>
      <summary>
        <h3>{title}</h3>
        {count > 1 && <span class="count">{count}</span>}
      </summary>
      {children}
    </details>
  );
}

function Fact({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Id({ name, value }: { readonly name: string; readonly value: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <code>{value}</code>
        <CopyButton what={name.toLowerCase()} text={value} />
      </dd>
    </div>
  );
}
