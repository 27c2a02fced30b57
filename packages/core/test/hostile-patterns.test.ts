import type { IncomingMessage } from 'node:http';

import { hold, hostileText } from '@org/fuzz';
import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';

import { headerCaptures } from '../src/captured-headers.ts';
import { readLogLevels } from '../src/log-levels.ts';
import { type UrlExclusionRule, urlExclusion } from '../src/url-exclusion.ts';
import { collectWarnings } from './support/started.ts';

const request = { method: 'GET' } as IncomingMessage;

function excludes(rule: UrlExclusionRule): (path: string) => boolean {
  const test_ = urlExclusion(rule);
  return (path) => test_(path, request);
}

/** Milliseconds of this process's own time that something takes. */
function timeOf(run: () => void): number {
  const before = process.cpuUsage();
  run();
  return process.cpuUsage(before).user / 1000;
}

const LONG = 60_000;

/** Each takes for ever on one of the texts, or far longer than a request should. */
const SLOW: readonly [pattern: RegExp, text: string][] = [
  [/(a+)+$/, `/${'a'.repeat(LONG)}!`],
  [/^\/(a|a)*$/, `/${'a'.repeat(40)}!`],
  [/^\/([a-z]+)*$/, `/${'a'.repeat(LONG)}!`],
  [/^(\/[^/]*)*x$/, '/a'.repeat(LONG)],
  [/(a?){40}a{40}/, `/${'a'.repeat(39)}`],
  [/(.*)\1x/, `/${'ab'.repeat(LONG)}`],
  [/a.*b.*c.*d.*e.*f/, `/${'abcde'.repeat(LONG)}`],
  [/\/.*\/.*\/.*\/.*x/, '/'.repeat(LONG)],
  [/(a|b|ab)*c$/, `/${'ab'.repeat(40)}`],
  [/((((a?)?)?)?)+b/, 'a'.repeat(LONG)],
  [/^(?:a{1,30}){1,30}$/, `${'a'.repeat(LONG)}!`],
  [/\s+$/, `${' '.repeat(LONG)}x`],
  [/^.*[ab]*$/s, 'a'.repeat(LONG)],
  [/[^/]*x/, 'y'.repeat(LONG)],
];

test.each(SLOW)(
  'the pattern %s cannot stall a server: it has 50 ms, three times at most',
  (pattern, text) => {
    const warnings = collectWarnings();
    const isExcluded = excludes(pattern);
    const millis = timeOf(() => {
      for (let times = 0; times < 20; times++) isExcluded(text);
    });
    // Three times 50 ms, the threads that watch them, and what is quick on 1024 characters twenty times.
    expect(millis).toBeLessThan(1000);
    expect(warnings.length).toBeLessThanOrEqual(3);
  },
);

test('a pattern that has run out of time is told, and given up at the third time: the requests are traced', () => {
  const warnings = collectWarnings();
  const isExcluded = excludes(/^\/(a+)+$/);
  expect(isExcluded('/aaa')).toBe(true);
  for (let times = 0; times < 5; times++) expect(isExcluded(`/${'a'.repeat(100)}!`)).toBe(false);
  expect(warnings).toEqual([
    String.raw`excludedUrls: the pattern /^\/(a+)+$/ took more than 50 ms, so this once it counts as not searched`,
    String.raw`excludedUrls: the pattern /^\/(a+)+$/ took more than 50 ms, so this once it counts as not searched`,
    String.raw`excludedUrls: the pattern /^\/(a+)+$/ took more than 50 ms, so it is not searched any more`,
  ]);
  expect(isExcluded('/aaa')).toBe(false);
});

test('a pattern with many repetitions goes on to find what it is for, over many requests', () => {
  const warnings = collectWarnings();
  const isExcluded = excludes('^/api/.*/users/[^/]+/(ping|pong)+/.*$');
  for (let times = 0; times < 200; times++) {
    expect(isExcluded('/api/v1/users/7/pingpong/x')).toBe(true);
    expect(isExcluded('/api/v1/users/7/x')).toBe(false);
  }
  expect(warnings).toEqual([]);
});

test('of a long path the first 1024 characters are searched, and the cut is not the end', () => {
  const long = `/static/${'x'.repeat(1009)}/health`;
  expect(excludes('^/static/')(`${long}${'y'.repeat(LONG)}`)).toBe(true);
  expect(excludes('/health$')(long)).toBe(true);
  // What stands before the cut is `/health`, and no more can be known of it than that more follows.
  const cut = `/${'x'.repeat(1016)}/health`;
  expect(excludes('/health$')(cut.slice(0, 1024))).toBe(true);
  expect(excludes('/health$')(`${cut}y`)).toBe(false);
  expect(excludes('needle')(`${cut}needle`)).toBe(false);
  let given = '';
  excludes((path) => Boolean((given = path)))(`${cut}needle`);
  expect(given).toBe(`${cut}needle`);
});

hold(
  'patterns: a rule of any text is refused or searches any path, in time',
  () => {
    vi.stubEnv('OTEL_NODE_EXCLUDED_URLS', undefined);
    onTestFinished(() => void vi.unstubAllEnvs());
    collectWarnings();
    const part = fc.constantFrom(
      'a',
      '.',
      '[ab]',
      '(a|b)',
      '(a+)',
      '(?:a*)',
      'a?',
      '(.*)',
      String.raw`\1`,
      '^',
      '$',
    );
    const times = fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,9}', '*?');
    const expression = fc
      .array(fc.tuple(part, times), { minLength: 1, maxLength: 6 })
      .map((parts) => parts.map((each) => each.join('')).join(''));
    const path = fc.oneof(hostileText(), fc.constantFrom('a'.repeat(LONG), `${'ab'.repeat(LONG)}!`));
    return fc.property(fc.oneof(expression, hostileText(200)), path, (pattern, text) => {
      let isExcluded: ((path: string) => boolean) | undefined;
      try {
        isExcluded = excludes(pattern);
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
      }
      if (isExcluded) expect(timeOf(() => isExcluded(text))).toBeLessThan(500);
    });
  },
  { runs: 150 },
);

test('the names of headers that a slow pattern is given are searched in time, and redacted where that fails', () => {
  collectWarnings();
  const { request: capture } = headerCaptures(
    { request: [/^x-/], sanitize: [/^x-(s+)+$/] },
    { request: 'NONE', response: 'NONE' },
  );
  const slow = `x-${'s'.repeat(60)}!`;
  const long = `x-${'t'.repeat(5000)}-secret`;
  const millis = timeOf(() => {
    expect(
      capture?.([
        [slow, ['secret']],
        [long, ['secret']],
        ['x-a', ['clear']],
      ]),
    ).toEqual({
      [`http.request.header.${slow}`]: ['[REDACTED]'],
      [`http.request.header.${long}`]: ['[REDACTED]'],
      'http.request.header.x-a': ['clear'],
    });
  });
  expect(millis).toBeLessThan(500);
});

test('names in LOG_LEVEL with many asterisks are compared in time', () => {
  const { of } = readLogLevels(undefined, { ['a*'.repeat(20)]: 'debug', 'http.*.x*z': 'warn', '*': 'error' });
  const millis = timeOf(() => expect(of(`${'a'.repeat(LONG)}b`)).toBe('debug'));
  expect(millis).toBeLessThan(100);
  expect([of('http.a.xyz'), of('http..xz'), of('http.x'), of('b')]).toEqual([
    'warn',
    'warn',
    'error',
    'error',
  ]);
});

hold('log levels: a name with asterisks matches as the regular expression would', () => {
  const part = fc
    .array(fc.constantFrom('a', 'b', '*', '.', '\n'), { maxLength: 6 })
    .map((parts) => parts.join(''));
  return fc.property(part, part, (name, logger) => {
    const expression = new RegExp(
      `^${name
        .split('*')
        .map((text) => text.replaceAll('.', String.raw`\.`))
        .join('.*')}$`,
      's',
    );
    const found = readLogLevels(undefined, { [name]: 'debug' }).of(logger) === 'debug';
    expect(found).toBe(expression.test(logger));
  });
});
