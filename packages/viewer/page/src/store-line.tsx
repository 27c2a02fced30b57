import type { JSX } from 'preact';

import { bytesText, countText, plural } from './format.ts';
import { useLive } from './live.ts';

/** What the store holds, and what it has let go. */
export function StoreLine(): JSX.Element {
  const { counts, connection } = useLive();
  return (
    <footer class="store">
      {counts === undefined ? (
        <span>{connection === 'lost' ? 'The viewer does not answer.' : 'Asking what the store holds…'}</span>
      ) : (
        <>
          <span>
            {plural(counts.traces, 'trace')} · {plural(counts.spans, 'span')} ·{' '}
            {plural(counts.logs, 'log line')}
          </span>
          <span
            title={`At most ${countText(counts.limits.traces)} traces and ${countText(counts.limits.spans)} spans`}
          >
            {bytesText(counts.bytes)} of {bytesText(counts.limits.bytes)}
          </span>
          {counts.evictedSpans + counts.evictedLogs > 0 && (
            <span>
              let go, the oldest first: {plural(counts.evictedTraces, 'trace')} ·{' '}
              {plural(counts.evictedSpans, 'span')} · {plural(counts.evictedLogs, 'log line')}
            </span>
          )}
        </>
      )}
    </footer>
  );
}
