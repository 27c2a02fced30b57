import { SpanStatusCode } from '@opentelemetry/api';

import { ATTR_ERROR_TYPE } from './http-attributes.ts';
import type { SpanRecordLink } from './span-record.ts';
import type { TextStyle } from './trace-tree-text.ts';
import type { TraceTreeNode, TreeSpan } from './trace-tree.ts';

/** A log line to draw beneath the span that was active when it was written. */
export interface TreeLogLine {
  readonly traceId: string;
  readonly spanId: string;
  /** As it is to be shown: `INFO`. */
  readonly level?: string;
  readonly message: string;
}

/** A line beneath a span. */
export interface Detail {
  readonly mark: string;
  readonly text: string;
  readonly style: TextStyle;
}

/** Whether a span has the status ERROR. */
export function failed(span: TreeSpan): boolean {
  return span.status?.code === SpanStatusCode.ERROR;
}

/** What is told of a node beneath its line: error, missing parent, links, notes, log lines. */
export function detailsOf(node: TraceTreeNode, logs: readonly TreeLogLine[]): Detail[] {
  const { span } = node;
  const details: Detail[] = [];
  const error = failed(span) ? errorText(span) : '';
  if (error !== '') details.push({ mark: '✗', text: error, style: 'red' });
  if (node.orphan !== undefined) details.push({ mark: '↑', text: orphanText(node), style: 'dim' });
  for (const link of span.links ?? []) {
    details.push({ mark: '→', text: linkText(link, span.traceId), style: 'dim' });
  }
  for (const note of node.notes ?? []) details.push({ mark: '!', text: note, style: 'yellow' });
  for (const line of logs) details.push(logDetail(line));
  return details;
}

/** A log line as a line beneath a span. */
export function logDetail({ level, message }: TreeLogLine): Detail {
  return {
    mark: '·',
    text: level === undefined ? message : `${level.padEnd(5)} ${message}`,
    style: logStyle(level),
  };
}

function logStyle(level = ''): TextStyle {
  switch (level.toUpperCase()) {
    case 'ERROR':
    case 'FATAL':
      return 'red';
    case 'WARN':
      return 'yellow';
    default:
      return 'dim';
  }
}

/** `error.type` and the status message, or the exception's where the status has none. */
function errorText(span: TreeSpan): string {
  const type = span.attributes?.[ATTR_ERROR_TYPE];
  const exception = span.events?.findLast((event) => event.name === 'exception')?.attributes;
  const message = span.status?.message || exception?.['exception.message'];
  return [type, message].filter((part) => part !== undefined && part !== '').join(': ');
}

function orphanText({ span, orphan }: TraceTreeNode): string {
  const parent = `parent span ${span.parentSpanId ?? ''}`;
  return orphan === 'cycle' ? `${parent} is below this one` : `${parent} not seen here`;
}

function linkText(link: SpanRecordLink, traceId: string | undefined): string {
  const elsewhere = link.traceId === traceId ? '' : ` of trace ${link.traceId}`;
  return `link to span ${link.spanId}${elsewhere}`;
}
