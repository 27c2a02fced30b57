import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';

import type { LogLine } from '../../../src/api.ts';
import { ask, isAbort, messageOf } from '../ask.ts';
import { countText, plural } from '../format.ts';
import { Notice } from '../parts/notice.tsx';
import { LogLines } from './log-lines.tsx';
import type { LoadedTrace } from './use-trace.ts';

const FIRST_SHOWN = 300;

interface Props {
  readonly trace: LoadedTrace;
  readonly gone: boolean;
  /** The span whose lines are marked. */
  readonly selected: number;
  readonly onSelect: (span: number) => void;
}

/** All log lines of a trace in the order of their time, whatever their span. */
export function LogView({ trace, gone, selected, onSelect }: Props): JSX.Element {
  const { summary, startTimeUnixNano } = trace.detail;
  const { lines, problem } = useLogs(summary.traceId, summary.revision, gone);
  const [text, setText] = useState('');
  const [shown, setShown] = useState(FIRST_SHOWN);
  const passing = useMemo(() => linesWith(lines ?? [], text), [lines, text]);
  const spanOf = (line: LogLine): number => trace.columns.id.indexOf(line.spanId ?? '');
  return (
    <section class="log-view" aria-label="Log lines">
      <div class="log-tools">
        <input
          type="search"
          aria-label="Search log lines"
          placeholder="Message, level, service or field"
          autocomplete="off"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <span role="status">
          {lines !== undefined && text.trim() === '' && plural(lines.length, 'log line')}
          {lines !== undefined &&
            text.trim() !== '' &&
            `${countText(passing.length)} of ${countText(lines.length)}`}
        </span>
      </div>
      {problem !== '' && <Notice kind="problem">{problem}</Notice>}
      {lines === undefined && problem === '' && (
        <p class="dim">{gone ? 'The store has let go of the log lines.' : 'Loading…'}</p>
      )}
      {lines?.length === 0 && (
        <p class="dim">
          No log line has come for this trace. Lines are joined to it by their <code>trace_id</code>.
        </p>
      )}
      <LogLines
        lines={passing.slice(0, shown)}
        startTimeUnixNano={startTimeUnixNano}
        selectedSpanId={trace.columns.id[selected]}
        onSpan={(line) => {
          const span = spanOf(line);
          if (span >= 0) onSelect(span);
        }}
      />
      {passing.length > shown && (
        <p class="more">
          <button type="button" onClick={() => setShown(shown * 4)}>
            Show more: {countText(passing.length - shown)} follow
          </button>
        </p>
      )}
    </section>
  );
}

function useLogs(
  traceId: string,
  revision: number,
  gone: boolean,
): { readonly lines: readonly LogLine[] | undefined; readonly problem: string } {
  const [lines, setLines] = useState<readonly LogLine[] | undefined>(undefined);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    if (gone) return undefined;
    const abort = new AbortController();
    ask<readonly LogLine[]>(`/api/traces/${encodeURIComponent(traceId)}/logs`, { signal: abort.signal }).then(
      (answer) => {
        setLines(answer);
        setProblem('');
      },
      (error: unknown) => {
        if (!isAbort(error)) setProblem(messageOf(error));
      },
    );
    return () => abort.abort();
  }, [traceId, revision, gone]);
  return { lines, problem };
}

function linesWith(lines: readonly LogLine[], text: string): readonly LogLine[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return lines;
  return lines.filter((line) =>
    [line.message, line.level, line.service, JSON.stringify(line.attributes)].some((part) =>
      part.toLowerCase().includes(wanted),
    ),
  );
}
