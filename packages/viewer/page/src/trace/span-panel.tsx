import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import { cut, durationText, kindText, offsetText } from '../format.ts';
import { LongText } from '../parts/long-text.tsx';
import { Notice } from '../parts/notice.tsx';
import { ServiceChip } from '../service-chip.tsx';
import { durationOf, nameOf, serviceOf } from './columns.ts';
import { SpanSections } from './span-sections.tsx';
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
      {whole !== undefined && <SpanSections span={whole} trace={trace} onSpan={onSpan} />}
    </aside>
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
