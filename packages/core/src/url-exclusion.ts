import type { IncomingMessage } from 'node:http';

import { diag } from '@opentelemetry/api';

/**
 * One rule of exclusion: a string of comma-separated regular expressions, a regular expression, or a
 * function. Patterns are searched in the path of the original URL, without its query; those for outgoing calls in
 * the whole URL, without its query.
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
  const value = process.env['OTEL_NODE_EXCLUDED_URLS'];
  if (!value) return undefined;
  try {
    return urlExclusion<unknown>(value);
  } catch (error) {
    diag.warn(`OTEL_NODE_EXCLUDED_URLS is ignored, the default list is used: ${String(error)}`);
    return undefined;
  }
}

function ruleTests<Request>(rule: UrlExclusionRule<Request>): UrlExclusionTest<Request>[] {
  if (typeof rule === 'string') {
    const patterns = rule.split(',').map((pattern) => pattern.trim());
    return patterns.filter((pattern) => pattern !== '').map((pattern) => patternTest(parsePattern(pattern)));
  }
  if (rule instanceof RegExp) return [patternTest(rule)];
  if (typeof rule === 'function') return [harmless(rule)];
  throw new TypeError(
    `excludedUrls: expected a string of comma-separated regular expressions, a RegExp, a function, or an array of these; got ${String(rule)} (${typeof rule})`,
  );
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

function patternTest(pattern: RegExp): UrlExclusionTest<unknown> {
  // A global or sticky expression remembers where it stopped and would miss every second request.
  const stateless = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
  return (path) => stateless.test(path);
}

function harmless<Request>(test: UrlExclusionTest<Request>): UrlExclusionTest<Request> {
  return (path, request) => {
    try {
      return Boolean(test(path, request));
    } catch (error) {
      diag.error(`excludedUrls: the function threw, so the request is traced: ${String(error)}`);
      return false;
    }
  };
}
