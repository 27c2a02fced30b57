import type { IncomingMessage } from 'node:http';

import { expect, test, vi } from 'vitest';

import { type UrlExclusion, urlExclusion } from '../src/url-exclusion.ts';

const request = { method: 'GET' } as IncomingMessage;

function excludes(rules: UrlExclusion | undefined, path: string): boolean {
  return urlExclusion(rules)(path, request);
}

test.each(['/health', '/healthz', '/livez', '/readyz', '/ready', '/live', '/ping', '/health/', '/ping/'])(
  '%s is excluded out of the box',
  (path) => {
    expect(excludes(undefined, path)).toBe(true);
  },
);

test.each(['/', '/healthy', '/health/db', '/api/health', '/HEALTH', '/pingpong', '/health//'])(
  '%s is traced out of the box',
  (path) => {
    expect(excludes(undefined, path)).toBe(false);
  },
);

test('excludedUrls replaces the default list', () => {
  expect(excludes(['^/internal/'], '/internal/x')).toBe(true);
  expect(excludes(['^/internal/'], '/health')).toBe(false);
});

test('an empty list excludes nothing', () => {
  expect(excludes([], '/health')).toBe(false);
});

test('a string is a comma-separated list of regular expressions, searched in the path', () => {
  expect(excludes('client/.*/info, healthcheck', '/a/client/7/info')).toBe(true);
  expect(excludes('client/.*/info, healthcheck', '/my-healthcheck-x')).toBe(true);
  expect(excludes('client/.*/info, healthcheck', '/clients')).toBe(false);
});

test('an empty string excludes nothing', () => {
  expect(excludes('', '/health')).toBe(false);
});

test('a global RegExp excludes every time, not every second time', () => {
  const excluded = urlExclusion(/^\/x/g);
  expect([excluded('/x', request), excluded('/x', request), excluded('/x', request)]).toEqual([
    true,
    true,
    true,
  ]);
});

test('a function gets the path and the request', () => {
  const seen: unknown[] = [];
  urlExclusion((path, incoming) => {
    seen.push(path, incoming);
    return true;
  })('/x', request);
  expect(seen).toEqual(['/x', request]);
});

test('a function that throws excludes nothing and breaks nothing', () => {
  expect(
    excludes(() => {
      throw new Error('rule');
    }, '/x'),
  ).toBe(false);
});

test('OTEL_NODE_EXCLUDED_URLS replaces the default list, code wins over it', () => {
  vi.stubEnv('OTEL_NODE_EXCLUDED_URLS', '^/status$,^/metrics$');
  try {
    expect(excludes(undefined, '/metrics')).toBe(true);
    expect(excludes(undefined, '/health')).toBe(false);
    expect(excludes(['^/only$'], '/metrics')).toBe(false);
  } finally {
    vi.unstubAllEnvs();
  }
});

test('an invalid or empty OTEL_NODE_EXCLUDED_URLS leaves the default list', () => {
  try {
    for (const value of ['(', '']) {
      vi.stubEnv('OTEL_NODE_EXCLUDED_URLS', value);
      expect(excludes(undefined, '/health')).toBe(true);
    }
  } finally {
    vi.unstubAllEnvs();
  }
});

test('a rule of another type and a pattern that is none are refused with what was expected', () => {
  expect(() => urlExclusion(7 as unknown as UrlExclusion)).toThrow(
    'excludedUrls: expected a string of comma-separated regular expressions, a RegExp, a function, or an array of these; got 7 (number)',
  );
  expect(() => urlExclusion('ok,(')).toThrow(
    'excludedUrls: expected comma-separated regular expressions; got "("',
  );
});
