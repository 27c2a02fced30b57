import { SpanKind, SpanStatusCode } from '@opentelemetry/api';

import type { ExpectedSpan } from './expected-trace.ts';
import { shownName, shownValue } from './expected-value.ts';

const KEYS = ['name', 'service', 'kind', 'status', 'attributes', 'children'];

/**
 * What a test expects of a trace, as a list of roots.
 *
 * @throws {TypeError} When it is something else, or has a key that means nothing: such a one would hold for any trace.
 */
export function checkedExpectation(
  expected: ExpectedSpan | readonly ExpectedSpan[],
): readonly ExpectedSpan[] {
  const roots = [expected].flat() as readonly ExpectedSpan[];
  if (roots.length === 0)
    throw new TypeError('expected tree: expected at least one span, got an empty array');
  for (const root of roots) checkExpectedSpan(root);
  return roots;
}

function checkExpectedSpan(expected: ExpectedSpan): void {
  const { name, kind, status, children = [] } = Object(expected) as Partial<ExpectedSpan>;
  if (name === undefined) {
    throw new TypeError(`expected tree: each span needs a name; got ${shownValue(expected)}`);
  }
  const span = shownName(name);
  const stranger = Object.keys(expected).find((key) => !KEYS.includes(key));
  if (stranger !== undefined) {
    throw new TypeError(`expected tree: "${span}" has a key "${stranger}"; expected ${KEYS.join(', ')}`);
  }
  checkOneOf(span, 'kind', kind, SpanKind);
  checkOneOf(span, 'status', status, SpanStatusCode);
  if (!Array.isArray(children)) {
    throw new TypeError(`expected tree: "${span}" needs children in an array, got ${shownValue(children)}`);
  }
  for (const child of children) checkExpectedSpan(child);
}

function checkOneOf(span: string, key: string, value: string | undefined, names: object): void {
  const allowed = Object.keys(names).filter((each) => Number.isNaN(Number(each)));
  if (value === undefined || allowed.includes(value)) return;
  throw new TypeError(
    `expected tree: "${span}" needs a ${key} of ${allowed.join(', ')}; got ${shownValue(value)}`,
  );
}
