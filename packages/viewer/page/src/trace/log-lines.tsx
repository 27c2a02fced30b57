import type { JSX } from 'preact';

import type { LogLine } from '../../../src/api.ts';
import { isoNanoText, microsBetween, offsetText, plural } from '../format.ts';
import { LongText } from '../parts/long-text.tsx';
import { ServiceChip } from '../service-chip.tsx';
import { AttributeTable } from './attribute-table.tsx';

interface Props {
  readonly lines: readonly LogLine[];
  /** What offsets count from. */
  readonly startTimeUnixNano: string;
  /** Where lines of many spans stand together: each tells its service, and leads to its span. */
  readonly onSpan?: (line: LogLine) => void;
  readonly selectedSpanId?: string | undefined;
}

/** Log lines with time, level and message; their fields open beneath. */
export function LogLines({ lines, startTimeUnixNano, onSpan, selectedSpanId }: Props): JSX.Element {
  return (
    <ul class="log-lines">
      {lines.map((line, index) => {
        const fields = Object.keys(line.attributes).length;
        const selected = selectedSpanId !== undefined && line.spanId === selectedSpanId;
        return (
          <li key={index} class={selected ? 'selected' : ''}>
            <div class="log-line">
              <time title={isoNanoText(line.timeUnixNano)}>
                {offsetText(microsBetween(startTimeUnixNano, line.timeUnixNano))}
              </time>
              <Level level={line.level} />
              {onSpan !== undefined && <ServiceChip name={line.service} />}
              <span class="message">
                <LongText text={line.message} />
              </span>
              {onSpan !== undefined && line.spanId !== undefined && (
                <button type="button" class="link" onClick={() => onSpan(line)} title={`Span ${line.spanId}`}>
                  Span
                </button>
              )}
            </div>
            {fields > 0 && (
              <details>
                <summary>{plural(fields, 'field')}</summary>
                <AttributeTable attributes={line.attributes} />
              </details>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** A level as it came, coloured by what it most likely means. */
export function Level({ level }: { readonly level: string }): JSX.Element {
  const name = level.toUpperCase();
  const kind = /ERR|FATAL|CRIT|PANIC/.test(name) ? 'error' : name.startsWith('WARN') ? 'warning' : 'plain';
  return <span class={`level ${kind}`}>{level === '' ? '–' : level.slice(0, 12)}</span>;
}
