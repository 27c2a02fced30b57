import type { JSX } from 'preact';

import { countText } from '../format.ts';
import type { TraceView } from '../route.ts';
import { nextFound } from './span-search.ts';
import type { LoadedTrace } from './use-trace.ts';
import type { Timeline } from './use-timeline.ts';

interface Props {
  readonly trace: LoadedTrace;
  readonly timeline: Timeline;
  readonly searchRef: { current: HTMLInputElement | null };
  readonly view: TraceView;
}

/** Search, errors, levels, zoom: all by buttons, which name their keys. */
export function TraceToolbar({ trace, timeline, searchRef, view }: Props): JSX.Element {
  const { text, found } = timeline;
  const zoomedIn = timeline.shown !== timeline.whole;
  const timelineShown = view === 'timeline';
  return (
    <div class="toolbar" role="group" aria-label="Tools of the trace">
      <nav class="views" aria-label="Views">
        <a href={timeline.hrefOf('timeline')} aria-current={timelineShown ? 'page' : undefined}>
          Timeline
        </a>
        <a href={timeline.hrefOf('logs')} aria-current={timelineShown ? undefined : 'page'}>
          Logs
        </a>
      </nav>
      {timelineShown && (
        <>
          <div class="group search">
            <input
              ref={searchRef}
              type="search"
              aria-label="Search spans"
              placeholder="Span, service or id"
              autocomplete="off"
              spellcheck={false}
              value={text}
              onInput={(event) => timeline.setText(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter') {
                  event.preventDefault();
                  timeline.toFound(event.shiftKey ? -1 : 1);
                } else if (event.key === 'Escape') {
                  timeline.setText('');
                  event.currentTarget.blur();
                }
              }}
            />
            {text.trim() !== '' && (
              <>
                <span class="count" role="status">
                  {foundText(timeline)}
                </span>
                <Tool
                  name="Previous found"
                  hint="N"
                  sign="↑"
                  onClick={() => timeline.toFound(-1)}
                  disabled={found.length === 0}
                />
                <Tool
                  name="Next found"
                  hint="n"
                  sign="↓"
                  onClick={() => timeline.toFound(1)}
                  disabled={found.length === 0}
                />
              </>
            )}
          </div>
          {trace.errors > 0 && (
            <div class="group">
              <span class="error count">
                <span aria-hidden="true">✕ </span>
                {countText(trace.errors)}
              </span>
              <Tool name="Previous error" hint="E" sign="↑" onClick={() => timeline.toError(-1)} />
              <Tool name="Next error" hint="e" sign="↓" onClick={() => timeline.toError(1)} />
            </div>
          )}
          <div class="group">
            <Tool name="Close all" sign="▸▸" onClick={() => timeline.allOpen(false)} />
            <Tool name="One level less" sign="▸" onClick={() => timeline.level(-1)} />
            <Tool name="One level more" sign="▾" onClick={() => timeline.level(1)} />
            <Tool name="Open all" sign="▾▾" onClick={() => timeline.allOpen(true)} />
          </div>
          <div class="group">
            <Tool name="Zoom out" hint="-" sign="−" onClick={() => timeline.zoom(2)} disabled={!zoomedIn} />
            <Tool name="Zoom in" hint="+" sign="+" onClick={() => timeline.zoom(0.5)} />
            <button
              type="button"
              disabled={!zoomedIn}
              title="Key: 0"
              onClick={() => timeline.setShown(timeline.whole)}
            >
              Reset zoom
            </button>
          </div>
          <label class="check" title="Key: c">
            <input
              type="checkbox"
              checked={timeline.critical}
              onChange={(event) => timeline.setCritical(event.currentTarget.checked)}
            />
            <i class="critical-key" aria-hidden="true" />
            Critical path
          </label>
        </>
      )}
    </div>
  );
}

function foundText({ found, active }: Timeline): string {
  if (found.length === 0) return 'none';
  const before = nextFound(found, active + 1, -1);
  const at = found[before] === active ? `${countText(before + 1)} of ` : '';
  return at + countText(found.length);
}

interface ToolProps {
  readonly name: string;
  readonly sign: string;
  readonly hint?: string;
  readonly disabled?: boolean;
  readonly onClick: () => void;
}

function Tool({ name, sign, hint, disabled = false, onClick }: ToolProps): JSX.Element {
  return (
    <button
      type="button"
      class="tool"
      aria-label={name}
      title={hint === undefined ? name : `${name} (key: ${hint})`}
      disabled={disabled}
      onClick={onClick}
    >
      {sign}
    </button>
  );
}
