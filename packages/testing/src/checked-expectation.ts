import { SpanKind, SpanStatusCode } from '@opentelemetry/api';

import type { ExpectedSpan } from './expected-trace.ts';
import { namesOf } from './checked-options.ts';
import { shownName, shownValue } from './expected-value.ts';
import { walk } from './tree-walk.ts';

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
  for (const span of walk(roots)) checkExpectedSpan(span);
  return roots;
}

function checkExpectedSpan(expected: ExpectedSpan): void {
  const { children = [], ...own } = Object(expected) as Partial<ExpectedSpan>;
  const { name, service, kind, status, attributes } = own;
  if (!isText(name)) {
    // Without those below it, which may be many.
    const got = typeof expected === 'object' && expected !== null ? own : expected;
    throw new TypeError(`expected tree: each span needs a name; got ${shownValue(got)}`);
  }
  const span = shownName(name);
  const stranger = Object.keys(expected).find((key) => !KEYS.includes(key));
  if (stranger !== undefined) {
    throw new TypeError(`expected tree: "${span}" has a key "${stranger}"; expected ${KEYS.join(', ')}`);
  }
  if (service !== undefined && !isText(service)) {
    throw new TypeError(`expected tree: "${span}" needs a text as service, got ${shownValue(service)}`);
  }
  if (
    attributes !== undefined &&
    (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes))
  ) {
    throw new TypeError(
      `expected tree: "${span}" needs attributes in an object, got ${shownValue(attributes)}`,
    );
  }
  checkOneOf(span, 'kind', kind, SpanKind);
  checkOneOf(span, 'status', status, SpanStatusCode);
  if (!Array.isArray(children)) {
    throw new TypeError(`expected tree: "${span}" needs children in an array, got ${shownValue(children)}`);
  }
}

/** A text, or what stands for one: an expression, an asymmetric matcher. */
function isText(value: unknown): boolean {
  return typeof value === 'string' || (typeof value === 'object' && value !== null && !Array.isArray(value));
}

function checkOneOf(span: string, key: string, value: string | undefined, names: object): void {
  const allowed = namesOf(names);
  if (value === undefined || allowed.includes(value)) return;
  throw new TypeError(
    `expected tree: "${span}" needs a ${key} of ${allowed.join(', ')}; got ${shownValue(value)}`,
  );
}
