import { useEffect, useState } from 'preact/hooks';

import type { SpanDetail } from '../../../src/api.ts';
import { ask, isAbort, messageOf, Refused } from '../ask.ts';

export interface SpanState {
  readonly span: SpanDetail | undefined;
  readonly problem: string;
}

/**
 * What one span holds.
 *
 * @param revision Of its trace: asked anew when it changes, since log lines and links come later than their span.
 */
export function useSpan(traceId: string, spanId: string, revision: number): SpanState {
  const [state, setState] = useState<SpanState & { readonly spanId: string }>({
    spanId,
    span: undefined,
    problem: '',
  });
  useEffect(() => {
    const abort = new AbortController();
    const address = `/api/traces/${encodeURIComponent(traceId)}/spans/${encodeURIComponent(spanId)}`;
    ask<SpanDetail>(address, { signal: abort.signal }).then(
      (span) => setState({ spanId, span, problem: '' }),
      (error: unknown) => {
        if (isAbort(error)) return;
        const missing = error instanceof Refused && error.status === 404;
        const problem = missing ? 'The store no longer has this span.' : messageOf(error);
        setState((before) => ({ spanId, span: before.spanId === spanId ? before.span : undefined, problem }));
      },
    );
    return () => abort.abort();
  }, [traceId, spanId, revision]);
  // Of the span before nothing is shown.
  return state.spanId === spanId ? state : { span: undefined, problem: '' };
}
