import type { ExpectedSpan } from '@org/tracing-testing/vitest';

/** The tree in which each span is the only child of the one before it. */
export function chain(first: ExpectedSpan, ...below: readonly ExpectedSpan[]): ExpectedSpan {
  const [second, ...others] = below;
  return second ? { ...first, children: [chain(second, ...others)] } : first;
}
