import type { IncomingMessage } from 'node:http';

import { diag } from '@opentelemetry/api';

import { boundedPattern } from './bounded-pattern.ts';
import { errorText } from './diagnostics.ts';
import { readString } from './environment.ts';
import { refuseOption } from './option-rule.ts';

/**
 * One rule of exclusion: a string of comma-separated regular expressions, a regular expression, or a
 * function. Patterns are searched in the path of the original URL, without its query; those for outgoing calls in
 * the whole URL, without its query.
 *
 * Of a path or URL the first 1024 characters are searched, followed by `…` where there are more, which a `$` does not
 * match. A pattern whose form lets it take very long, `(a+)+$` say, has 50 ms for each search; what has not been found by then
 * is traced, `diag` is told, and after three times within a minute the pattern is not searched any more. A function is given the whole
 * path and takes the time that it takes.
 */
export type UrlExclusionRule<Request = IncomingMessage> =
  | string
  | RegExp
  | ((path: string, request: Request) => boolean);

/**
 * Which requests are left out of tracing. A value replaces the default list; `[]` excludes nothing.
 *
 * Default: `OTEL_NODE_EXCLUDED_URLS` where it is set; otherwise exactly `/health`, `/healthz`, `/livez`,
 * `/readyz`, `/ready`, `/live` and `/ping` as the whole path, a trailing slash aside.
 */
export type UrlExclusion<Request = IncomingMessage> =
  | UrlExclusionRule<Request>
  | readonly UrlExclusionRule<Request>[];

/** Says whether a request is left out. `path` has no query. */
export type UrlExclusionTest<Request = IncomingMessage> = (path: string, request: Request) => boolean;

const OPTION = 'excludedUrls';
const EXPECTED =
  'a string of comma-separated regular expressions, a RegExp, a function, or an array of these';

const HEALTH_PATHS: ReadonlySet<string> = new Set(
  ['/health', '/healthz', '/livez', '/readyz', '/ready', '/live', '/ping'].flatMap((path) => [
    path,
    `${path}/`,
  ]),
);

/**
 * Makes the test of the given rules.
 *
 * @throws TypeError when a rule is neither string, RegExp nor function, or a string is no list of regular
 *   expressions.
 */
export function urlExclusion<Request = IncomingMessage>(
  excluded: UrlExclusion<Request> | undefined,
): UrlExclusionTest<Request> {
  if (excluded === undefined) return excludedByEnvironment() ?? ((path) => HEALTH_PATHS.has(path));
  const tests = [excluded].flat().flatMap((rule) => ruleTests(rule));
  if (tests.length === 0) return () => false;
  return (path, request) => tests.some((test) => test(path, request));
}

function excludedByEnvironment(): UrlExclusionTest<unknown> | undefined {
  const value = readString('OTEL_NODE_EXCLUDED_URLS');
  if (value === undefined) return undefined;
  try {
    return urlExclusion<unknown>(value);
  } catch (error) {
    diag.warn(`OTEL_NODE_EXCLUDED_URLS is ignored, the default list is used: ${errorText(error)}`);
    return undefined;
  }
}

function ruleTests<Request>(rule: UrlExclusionRule<Request>): UrlExclusionTest<Request>[] {
  if (typeof rule === 'string') {
    const patterns = rule.split(',').map((pattern) => pattern.trim());
    return patterns
      .filter((pattern) => pattern !== '')
      .map((pattern) => boundedPattern(parsePattern(pattern), { option: OPTION }));
  }
  if (rule instanceof RegExp) return [boundedPattern(rule, { option: OPTION })];
  if (typeof rule === 'function') return [harmless(rule)];
  return refuseOption(OPTION, EXPECTED, rule);
}

function parsePattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (error) {
    throw new TypeError(
      `excludedUrls: expected comma-separated regular expressions; got ${JSON.stringify(pattern)}`,
      { cause: error },
    );
  }
}

function harmless<Request>(test: UrlExclusionTest<Request>): UrlExclusionTest<Request> {
  return (path, request) => {
    try {
      return Boolean(test(path, request));
    } catch (error) {
      diag.error(`excludedUrls: the function threw, so the request is traced: ${errorText(error)}`);
      return false;
    }
  };
}
