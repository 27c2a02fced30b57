import { AsyncResource } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';

import { context, ROOT_CONTEXT, TraceFlags } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

import { MAX_TIMER_MILLIS } from '../environment.ts';
import type { ExportReport } from '../tracing-report.ts';
import type { BatchOptions } from './batch-options.ts';
import { EndedSpans } from './ended-spans.ts';
import { ExportTrouble, type Trouble } from './export-trouble.ts';
import { causeOf } from './export-cause.ts';
import type { SpanOutput } from './span-outputs.ts';
import { SendPause } from './send-pause.ts';
import type { Attempt, ExportOutcome, SpanSender } from './span-sender.ts';

/** The first pause while the process waits for its end. */
const LAST_PAUSE_MILLIS = 250;
/** A batch that was too large and is so at this part of its size still is given up. */
const SMALLEST_PART = 1 / 32;

/**
 * Collects ended spans and sends them in batches, one at a time. A batch that fails in a way that may pass goes back to
 * the head of the queue, a span that fails alone to its end, and is sent again after a pause that grows; what the receiver
 * refuses is dropped. Every span is counted: `taken = exported + dropped + waiting`.
 *
 * Nothing here holds the process but {@link drain}, for as long as it may take.
 */
export class SpanBatcher implements SpanOutput {
  readonly #sender: SpanSender<object>;
  readonly #options: Required<BatchOptions>;
  readonly #flushOnCrash: boolean;
  readonly #trouble: ExportTrouble;
  /** Where sending runs, so that what it makes (a connection, timers) belongs to no request. */
  readonly #scope = new AsyncResource('SpanBatcher');

  readonly #ended: EndedSpans;
  /** Spans, or what the sender keeps of them. Oldest first. */
  #queue: object[] = [];
  #underWay: readonly object[] = [];
  #sending: Promise<boolean> | undefined;
  #abort: AbortController | undefined;
  /** Spans of the next batch at most: fewer after a failure, since a batch may be what fails. */
  #limit: number;
  /** The size of the largest batch that was too large since the last one that was not. */
  #largest = 0;
  /** Spans that broke a connection without others, and may be why: each is sent by itself, behind the others. */
  readonly #suspects = new Set<object>();

  #timer: NodeJS.Timeout | undefined;
  readonly #pause = new SendPause();
  #isEager = false;
  #isStopped = false;

  #taken = 0;
  #exported = 0;
  /** Spans that were sent in vain. */
  #lost = 0;
  /** Spans for which there was no room. */
  #crowdedOut = 0;
  #crowdedOutTold = 0;

  /** @param flushOnCrash Whether {@link lastWords} may hold up the end of the process. Default false. */
  constructor(sender: SpanSender<object>, options: Required<BatchOptions>, flushOnCrash = false) {
    this.#sender = sender;
    this.#ended = new EndedSpans(sender, (error) => {
      this.#lost += 1;
      this.#tell({ cause: `a span cannot be serialized: ${causeOf(error)}` }, 1);
    });
    this.#flushOnCrash = flushOnCrash;
    this.#options = options;
    this.#limit = options.maxExportBatchSize;
    this.#trouble = new ExportTrouble(sender.address ?? sender.name, options.maxQueueSize);
  }

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    this.#taken += 1;
    if (this.#isStopped || this.#size >= this.#options.maxQueueSize) {
      this.#crowdedOut += 1;
      return;
    }
    this.#ended.add(span, this.#queue);
    if (this.#timer === undefined || this.#size === this.#limit) this.#schedule();
  }

  /** Sends what is there now; what cannot be sent goes on waiting. */
  async forceFlush(): Promise<void> {
    const settled = this.#exported + this.#lost + this.waiting;
    // What is on its way may have begun before a receiver came back.
    if (this.#sending) await this.#sending;
    while (this.#exported + this.#lost < settled && !this.#pause.isWished) {
      if (this.waiting === 0 || !(await this.#send(this.#attemptMillis))) break;
    }
    await this.#sender.forceFlush?.();
  }

  /** Sends each span as soon as it ends, since the process is about to. */
  hasten(): void {
    this.#isEager = true;
    this.#schedule();
  }

  /** Tries to send everything, for so long at most; holds the process meanwhile. Never rejects. */
  async drain(timeoutMillis: number): Promise<void> {
    if (this.waiting === 0) return;
    const over = new AbortController();
    const end = performance.now() + timeoutMillis;
    const timer = setTimeout(() => {
      over.abort();
      this.#abort?.abort();
    }, timeoutMillis);
    let pauseMillis = LAST_PAUSE_MILLIS;
    while (this.waiting > 0 && !over.signal.aborted) {
      const isSent = await this.#send(Math.max(1, end - performance.now()));
      if (!isSent && !over.signal.aborted) {
        await pause(pauseMillis, undefined, { signal: over.signal }).catch(() => undefined);
      }
      pauseMillis = isSent ? LAST_PAUSE_MILLIS : pauseMillis * 2;
    }
    clearTimeout(timer);
  }

  /** Sends nothing more: what waits is dropped. */
  async shutdown(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#abort?.abort();
    await this.#sending;
    this.#lost += this.#size;
    this.#queue = [];
    this.#ended.clear();
    this.#suspects.clear();
    await this.#sender.shutdown();
  }

  /** Spans that wait, and those on their way. */
  get waiting(): number {
    return this.#size + this.#underWay.length;
  }

  /** Spans that wait for their turn. */
  get #size(): number {
    return this.#queue.length + this.#ended.size;
  }

  lastWords(): void {
    // Where nothing gets through, nothing would now.
    if (!this.#flushOnCrash || this.#pause.millis > 0) return;
    this.#ended.moveTo(this.#queue);
    const { waiting } = this;
    if (waiting === 0) return;
    if (this.#sender.sendAtOnce?.([...this.#underWay, ...this.#queue]) !== true) return;
    this.#exported += waiting;
    this.#underWay = [];
    this.#queue = [];
  }

  report(): ExportReport {
    const { name, address } = this.#sender;
    const { last, since } = this.#trouble;
    return {
      exporter: name,
      ...(address !== undefined && { url: address }),
      taken: this.#taken,
      exported: this.#exported,
      dropped: this.#dropped,
      waiting: this.waiting,
      ...(last && { lastError: last }),
      ...(since && { failingSince: since }),
    };
  }

  get #dropped(): number {
    return this.#lost + this.#crowdedOut;
  }

  get #attemptMillis(): number {
    return this.#options.exportTimeoutMillis || MAX_TIMER_MILLIS;
  }

  #schedule(): void {
    if (this.#sending || this.#isStopped || this.#size === 0) return;
    const isFull = this.#size >= this.#limit || this.#isEager;
    if (this.#timer !== undefined && (this.#pause.millis > 0 || !isFull)) return;
    clearTimeout(this.#timer);
    const delay =
      this.#pause.millis > 0 ? this.#pause.millis : isFull ? 0 : this.#options.scheduleDelayMillis;
    this.#scope.runInAsyncScope(() => {
      this.#timer = setTimeout(() => void this.#send(this.#attemptMillis), delay).unref();
    });
  }

  /** Sends the next batch, or waits for the one on its way. @returns Whether there is hope for the next one. */
  #send(timeoutMillis: number): Promise<boolean> {
    if (this.#isStopped) return Promise.resolve(false);
    if (this.#sending) return this.#sending;
    this.#ended.moveTo(this.#queue);
    // A getter of an attribute may have ended a span, or asked to send.
    if (this.#sending) return this.#sending;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // It may be that none of them can be sent.
    if (this.#queue.length === 0) return Promise.resolve(true);
    this.#sending = this.#scope.runInAsyncScope(() => this.#exchange(timeoutMillis));
    return this.#sending;
  }

  async #exchange(timeoutMillis: number): Promise<boolean> {
    const batch = this.#queue.splice(0, this.#nextSize);
    this.#underWay = batch;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const outcome = await context.with(QUIET, () => this.#attempt(batch, { timeoutMillis, signal }));
    this.#abort = undefined;
    this.#underWay = [];
    const isSent = this.#settle(batch, outcome);
    this.#sending = undefined;
    this.#schedule();
    return isSent;
  }

  /** Spans of the next batch: as many as may be, or a suspect alone. */
  get #nextSize(): number {
    if (this.#suspects.size === 0) return this.#limit;
    const first = this.#queue.findIndex((span) => this.#suspects.has(span));
    return first === -1 ? this.#limit : Math.min(this.#limit, Math.max(1, first));
  }

  async #attempt(batch: readonly object[], attempt: Attempt): Promise<ExportOutcome> {
    try {
      return await this.#sender.send(batch, attempt);
    } catch (error) {
      return { kind: 'refused', cause: causeOf(error) };
    }
  }

  #settle(batch: readonly object[], outcome: ExportOutcome): boolean {
    const { maxExportBatchSize } = this.#options;
    const size = batch.length;
    const isTooLarge = outcome.kind === 'too large';
    if (isTooLarge) this.#largest = Math.max(this.#largest, size);
    const isSmall = size <= Math.max(1, this.#largest * SMALLEST_PART);
    if (outcome.kind === 'failed' || (isTooLarge && !isSmall)) {
      const isSuspect = size === 1 && this.#size > 0 && 'wasSent' in outcome && outcome.wasSent;
      if (isSuspect) this.#suspects.add(batch[0] as object);
      this.#queue = isSuspect ? this.#queue.concat(batch) : batch.concat(this.#queue);
      this.#limit = Math.max(1, Math.ceil(size / 2));
      if (!isTooLarge) this.#pause.begin(outcome.retryAfterMillis);
      this.#tell(outcome, 0);
      return isTooLarge;
    }
    this.#limit = Math.min(maxExportBatchSize, isTooLarge ? this.#limit : this.#limit * 2);
    this.#pause.end();
    // Where one is answered, it was not the span that failed but the receiver.
    if (this.#suspects.has(batch[0] as object)) this.#suspects.clear();
    this.#sender.release?.(batch);
    if (outcome.kind !== 'delivered') {
      this.#lost += size;
      this.#tell(outcome, size);
      return true;
    }
    this.#largest = 0;
    const rejected = Math.min(outcome.rejected ?? 0, size);
    this.#exported += size - rejected;
    this.#lost += rejected;
    if (rejected > 0) this.#tell({ cause: rejection(rejected, size, outcome.cause) }, rejected);
    else if (this.#crowdedOut > this.#crowdedOutTold) this.#tell(CROWDED, 0);
    else this.#trouble.ends({ waiting: this.#size, dropped: this.#dropped });
    return true;
  }

  #tell(trouble: Trouble, lost: number): void {
    const state = { waiting: this.#size, dropped: this.#dropped };
    this.#trouble.lasts(trouble, state, lost + this.#crowdedOut - this.#crowdedOutTold);
    this.#crowdedOutTold = this.#crowdedOut;
  }
}

/** A span of our own requests would be sent by another one, and so on. */
const QUIET = suppressTracing(ROOT_CONTEXT);

const CROWDED: Trouble = {
  cause: 'the queue was full, since spans end faster than they are taken',
  hint: 'Raise OTEL_BSP_MAX_QUEUE_SIZE, or sample',
};

function rejection(rejected: number, size: number, reason: string | undefined): string {
  return `${rejected} of ${size} were rejected${reason === undefined ? '' : ` (${reason})`}`;
}
