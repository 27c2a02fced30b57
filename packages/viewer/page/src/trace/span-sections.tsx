import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';

import type { SpanDetail, SpanLink } from '../../../src/api.ts';
import { isoNanoText, microsBetween, offsetText } from '../format.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { LongText } from '../parts/long-text.tsx';
import { traceHref } from '../route.ts';
import { AttributeTable } from './attribute-table.tsx';
import { LogLines } from './log-lines.tsx';
import type { LoadedTrace } from './use-trace.ts';

/** What a span holds, a section for each kind of it that it has. */
export function SpanSections({
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

// Who has opened a section of one span has it open for the next.
const openByTitle = new Map<string, boolean>();

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
  const [shown] = useState(() => openByTitle.get(title) ?? open);
  if (count === 0) return null;
  return (
    <details
      class="section"
      open={shown}
      onToggle={(event) => {
        openByTitle.set(title, event.currentTarget.open);
      }}
    >
      <summary>
        <h3>{title}</h3>
        {count > 1 && <span class="count">{count}</span>}
      </summary>
      {children}
    </details>
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
