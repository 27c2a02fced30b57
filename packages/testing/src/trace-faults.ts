import type { SpanRecord } from '@org/tracing-core';

import { failureLook } from './failure-look.ts';
import { named } from './trace-alignment.ts';
import { drawTraces } from './trace-drawing.ts';
import { wrapped } from './wrapped-text.ts';

/** What is wrong with a trace. */
export interface Fault {
  readonly text: string;
  /** The span that it is about, if it is about one. */
  readonly span?: SpanRecord;
  /** What it usually comes from. */
  readonly cause?: string;
  /** Spans besides, with what is to be drawn beneath them. */
  readonly notes?: readonly (readonly [span: SpanRecord, note: string])[];
}

const FAULTS_AT_MOST = 20;

/** A failure that names each fault, says what such ones usually come from, and draws the trace. */
export function faultsMessage(
  expectation: string,
  spans: readonly SpanRecord[],
  faults: readonly Fault[],
): string {
  const notes = new Map<string, string[]>();
  for (const { span, text, notes: others = [] } of faults) {
    for (const [{ spanId }, note] of span ? [[span, text] as const, ...others] : others) {
      notes.set(spanId, [...(notes.get(spanId) ?? []), note]);
    }
  }
  const { width } = failureLook();
  const shown = faults.slice(0, FAULTS_AT_MOST).map((fault, index) => {
    // Said once, below the last fault that it explains.
    const again = faults.slice(index + 1, FAULTS_AT_MOST).some(({ cause }) => cause === fault.cause);
    const line = wrapped(`${fault.span ? `${named(fault.span)}: ` : ''}${fault.text}`, '  ', width);
    if (fault.cause === undefined || again) return line;
    return `${line}\n${wrapped(`usually ${fault.cause}`, '    ', width)}`;
  });
  const more = faults.length - shown.length;
  return [
    `${expectation}:`,
    ...shown,
    ...(more > 0 ? [`  … ${more} more`] : []),
    '',
    drawTraces(spans, { notes }),
  ].join('\n');
}
