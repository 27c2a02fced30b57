import { sampleId, type SampleSpan } from './sample-spans.ts';

/** Spans of one export: what an SDK would send at once is less, what a viewer takes is more. */
const SPANS_AN_EXPORT = 10_000;

/** Children of each child of the root. */
const BRANCH = 1000;

/** How long the whole takes, in milliseconds. */
const DURATION = 1000;

/**
 * The spans of one trace, some at a time: a root, and below it branches of a thousand spans each. The last to be drawn is
 * named `last`.
 */
export function* largeTrace(traceId: string, count: number): Generator<SampleSpan[]> {
  const startOf = (index: number): number => (index / count) * DURATION;
  const spanOf = (index: number): SampleSpan => {
    const branch = index - ((index - 1) % BRANCH);
    const [parent, end] =
      index === branch
        ? [0, startOf(index + BRANCH)]
        : [branch, Math.min(startOf(index) + 1, startOf(branch + BRANCH))];
    return {
      traceId,
      spanId: sampleId(16, index + 1),
      parentSpanId: sampleId(16, parent + 1),
      name: index === count - 1 ? 'last' : index === branch ? 'branch' : 'leaf',
      service: index === branch ? 'branches' : 'leaves',
      kind: 1,
      start: startOf(index),
      duration: Math.min(end, DURATION) - startOf(index),
    };
  };
  const root = {
    traceId,
    spanId: sampleId(16, 1),
    name: 'root',
    service: 'leaves',
    start: 0,
    duration: DURATION,
  };
  yield [root];
  for (let from = 1; from < count; from += SPANS_AN_EXPORT) {
    const length = Math.min(SPANS_AN_EXPORT, count - from);
    yield Array.from({ length }, (_, offset) => spanOf(from + offset));
  }
}
