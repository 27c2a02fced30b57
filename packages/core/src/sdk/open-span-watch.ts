import { type Context, context, ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';

import { readInteger } from '../environment.ts';
import { say } from '../say.ts';
import { applicationFrames, type Place, rememberPlace } from './span-place.ts';

/** Open spans that are remembered at most. */
const REMEMBERED_AT_MOST = 10_000;

/** What helps to find a request, call or query, in this order. */
const TELLING = [
  'http.request.method',
  'url.path',
  'url.full',
  'db.query.summary',
  'messaging.destination.name',
] as const;

/** An open span of which nothing was said yet. */
interface Watched {
  /** By the monotonic clock, in milliseconds. */
  readonly since: number;
  /** Undefined for the span of a request, which no line of the application starts. */
  readonly place: Place | undefined;
}

/**
 * Where it is asked for, a processor that tells of spans which stay open.
 *
 * @param option Milliseconds, 0 for never; wins over `TRACING_REPORT_OPEN_SPANS_AFTER_MILLIS`.
 */
export function watchOpenSpans(option: number | undefined): readonly SpanProcessor[] {
  const afterMillis =
    option ?? readInteger('TRACING_REPORT_OPEN_SPANS_AFTER_MILLIS', { min: 0, fallback: 0 });
  return afterMillis === 0 ? [] : [new OpenSpanWatch(afterMillis)];
}

/**
 * Says once of each recorded span that it has been open for so long, what it is and where it was started; and at
 * shutdown of those that are open still. For development: each span costs the capture of a stack.
 *
 * One timer serves all spans, holds no process, and is there only while a span is open of which nothing was said. What
 * is remembered is let go when the span ends, and is bounded.
 */
export class OpenSpanWatch implements SpanProcessor {
  readonly #afterMillis: number;
  /** The oldest first. */
  readonly #quiet = new Map<ReadableSpan, Watched>();
  /** Those that were told of. */
  readonly #told = new Set<ReadableSpan>();
  #timer: NodeJS.Timeout | undefined;
  #isFull = false;
  #stopped = false;

  constructor(afterMillis: number) {
    this.#afterMillis = afterMillis;
  }

  onStart(span: Span, _parentContext: Context): void {
    if (this.#stopped) return;
    if (this.#quiet.size + this.#told.size >= REMEMBERED_AT_MOST) {
      this.#tellOfBound();
      return;
    }
    const place = isOfRequest(span) ? undefined : rememberPlace(this.onStart);
    this.#quiet.set(span, { since: performance.now(), place });
    if (this.#timer === undefined) this.#lookIn(this.#afterMillis);
  }

  onEnd(span: ReadableSpan): void {
    if (!this.#quiet.delete(span)) this.#told.delete(span);
    if (this.#quiet.size === 0) this.#rest();
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {
    this.#stopped = true;
    this.#rest();
    if (this.#told.size > 0) {
      say('warn', `${this.#told.size} span(s) that were reported before are still open at shutdown`);
    }
    for (const [span, watched] of this.#quiet) tell(span, watched, 'is open at shutdown,');
    this.#quiet.clear();
    this.#told.clear();
  }

  #lookIn(millis: number): void {
    // A timer keeps the context that it was set in, and so the span of somebody else.
    context.with(ROOT_CONTEXT, () => {
      this.#timer = setTimeout(() => this.#look(), millis).unref();
    });
  }

  #look(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [span, watched] of this.#quiet) {
      const left = watched.since + this.#afterMillis - now;
      if (left > 0) {
        this.#lookIn(Math.ceil(left));
        return;
      }
      this.#quiet.delete(span);
      this.#told.add(span);
      tell(span, watched, 'has been open');
    }
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tellOfBound(): void {
    if (this.#isFull) return;
    this.#isFull = true;
    say(
      'warn',
      `more than ${REMEMBERED_AT_MOST} spans are open at the same time: those beyond are not watched, which is said once`,
    );
  }
}

function tell(span: ReadableSpan, { since, place }: Watched, state: string): void {
  const { traceId, spanId } = span.spanContext();
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  const attributes = TELLING.filter((name) => span.attributes[name] !== undefined).map(
    (name) => `${name}=${JSON.stringify(span.attributes[name])}`,
  );
  const what = [SpanKind[span.kind], `trace ${traceId}`, `span ${spanId}`, ...attributes].join(', ');
  say(
    'warn',
    `the span ${JSON.stringify(span.name)} ${state} for ${seconds} s: ${what}; ${startOf(span, place)}`,
  );
}

function startOf(span: ReadableSpan, place: Place | undefined): string {
  const { name } = span.instrumentationScope;
  if (place === undefined) return `it was started for a request, by ${name}`;
  const [first, ...around] = applicationFrames(place);
  if (first === undefined) return `it was started by ${name}, where no line of the application is known`;
  return [`it was started at ${first}`, ...around.map((frame) => `called from ${frame}`)].join(', ');
}

/** Whether it is the SERVER span of a plugin of this kit. */
function isOfRequest({ kind, instrumentationScope }: ReadableSpan): boolean {
  return kind === SpanKind.SERVER && instrumentationScope.name.startsWith('@org/tracing-');
}
