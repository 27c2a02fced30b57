import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';

import { clockText, countText, cut, dayText, durationText, percentText, plural } from '../format.ts';
import { StatusCode } from '../list/trace-table.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { listHref } from '../query-url.ts';
import { traceHref } from '../route.ts';
import { ServiceChip, serviceClass } from '../service-chip.tsx';
import { sharesOf } from './self-time.ts';
import type { LoadedTrace } from './use-trace.ts';

/** What is known of a trace as a whole. */
export function TraceHead({
  trace,
  gone,
}: {
  readonly trace: LoadedTrace;
  readonly gone: boolean;
}): JSX.Element {
  const { summary } = trace.detail;
  const { traceId, requestId, startMs } = summary;
  return (
    <header class="trace-head">
      <div class="trace-title">
        <a class="back" href="/">
          <span aria-hidden="true">←</span> Traces
        </a>
        <h1>
          <ServiceChip name={summary.service} />
          <bdi title={cut(summary.name, 400)}>{cut(summary.name, 160) || '(no name)'}</bdi>
        </h1>
        {summary.httpStatus !== undefined && <StatusCode code={summary.httpStatus} />}
        {trace.errors > 0 && (
          <span class="error">
            <span aria-hidden="true">✕ </span>
            {countText(trace.errors)}
            <span class="unit">{trace.errors === 1 ? ' error' : ' errors'}</span>
          </span>
        )}
        <strong class="total">{durationText(summary.durationMs * 1000)}</strong>
        {!gone && (
          <a
            class="button"
            href={`/api/traces/${encodeURIComponent(traceId)}/otlp`}
            download={`trace-${traceId}.json`}
          >
            Download OTLP JSON
          </a>
        )}
      </div>
      <div class="facts">
        <time dateTime={new Date(startMs).toISOString()}>
          {dayText(startMs)} {clockText(startMs)}
        </time>
        <span>
          {plural(summary.spanCount, 'span')} · {plural(summary.services.length, 'service')} ·{' '}
          {plural(summary.logCount, 'log line')}
        </span>
        <span class="fact">
          trace <code>{traceId}</code> <CopyButton what="trace id" text={traceId} />
        </span>
        {requestId !== undefined && (
          <span class="fact">
            request_id{' '}
            <a href={listHref({ requestId })} title="All traces of this request">
              <code>{cut(requestId, 80)}</code>
            </a>{' '}
            <CopyButton what="request id" text={requestId} />
          </span>
        )}
        <Related trace={trace} />
      </div>
      <Shares trace={trace} />
    </header>
  );
}

function Related({ trace }: { readonly trace: LoadedTrace }): JSX.Element | null {
  const { related } = trace.detail;
  if (related.length === 0) return null;
  const shown = related.slice(0, 8);
  return (
    <>
      {shown.map(({ traceId, known, to }) => (
        <span class="fact" key={`${traceId} ${to}`} title={traceId}>
          {to ? 'links to trace' : 'linked from trace'}{' '}
          {known ? (
            <a href={traceHref(traceId)}>
              <code>{traceId.slice(0, 16)}…</code>
            </a>
          ) : (
            <>
              <code>{traceId.slice(0, 16)}…</code> (not in the store)
            </>
          )}
        </span>
      ))}
      {related.length > shown.length && <span>and {related.length - shown.length} more</span>}
    </>
  );
}

/** Whose time the critical path is: where to look first. */
function Shares({ trace }: { readonly trace: LoadedTrace }): JSX.Element | null {
  const { columns, path } = trace;
  const shares = useMemo(() => sharesOf(columns, path.timeUs), [columns, path]);
  const total = shares.reduce((sum, { us }) => sum + us, 0);
  if (shares.length < 2 || total <= 0) return null;
  const named = shares.slice(0, 5);
  return (
    <div class="shares">
      <span class="shares-title" id="shares-title">
        Critical path
      </span>
      <div class="shares-bar" aria-hidden="true">
        {shares.map(({ service, us }) => (
          <i
            key={service}
            class={serviceClass(columns.services[service] ?? '')}
            style={{ width: `${(us / total) * 100}%` }}
          />
        ))}
      </div>
      <ul aria-labelledby="shares-title">
        {named.map(({ service, us }) => (
          <li key={service} title={durationText(us)}>
            <ServiceChip name={columns.services[service] ?? ''} /> {percentText(us / total)}
          </li>
        ))}
        {shares.length > named.length && <li>and {shares.length - named.length} more</li>}
      </ul>
    </div>
  );
}
