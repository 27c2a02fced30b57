import type { Span } from '@opentelemetry/api';
import { callHook } from '@org/tracing-core';

import type { PgSettings } from './options.ts';
import type { measureQuery } from './query-duration.ts';
import { recordQueryError } from './query-error.ts';

/** A query that is under way: its span, its measurement, or both. It ends once, whatever is told twice. */
export class RunningQuery {
  /** Undefined where the query is only measured. */
  readonly span: Span | undefined;
  readonly #measured: ReturnType<typeof measureQuery> | undefined;
  readonly #settings: PgSettings;
  #open = true;

  constructor(
    span: Span | undefined,
    measured: ReturnType<typeof measureQuery> | undefined,
    settings: PgSettings,
  ) {
    this.span = span;
    this.#measured = measured;
    this.#settings = settings;
  }

  /** @param data pg's result, where there is one to show. */
  succeed(data?: unknown): void {
    if (!this.#open) return;
    this.#open = false;
    this.#measured?.();
    const { span } = this;
    if (span === undefined) return;
    const { responseHook } = this.#settings;
    if (responseHook && data !== undefined) harmless('responseHook', () => responseHook(span, { data }));
    span.end();
  }

  fail(error: unknown): void {
    if (!this.#open) return;
    this.#open = false;
    const { span } = this;
    // An error may be anything: its getters are the application's.
    harmless('error', () => {
      this.#measured?.({ error });
      if (span) recordQueryError(span, error);
    });
    span?.end();
  }
}

/** Runs what is the user's: what it throws is logged, nothing more. */
export function harmless(name: string, run: () => void): void {
  callHook(`tracePg: the ${name}`, run);
}
