import { hasControl, hold, hostileRecipe, hostileText, made } from '@org/fuzz';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { errorText } from '../src/diagnostics.ts';
import { exceptionType, failSpan } from '../src/exception.ts';
import { addressOf, oneLine } from '../src/one-line.ts';
import { callHook } from '../src/user-hook.ts';
import { collectWarnings } from './support/started.ts';

hold('errors: whatever was thrown is told on one line, and shortly', () => {
  return fc.property(hostileRecipe, (recipe) => {
    const text = errorText(made(recipe));
    if (typeof text !== 'string' || hasControl(text)) throw new Error(JSON.stringify(text));
    // 1000 characters, each as an escape of ten at most, and how many more there are.
    expect(text.length).toBeLessThan(10_100);
    expect(typeof exceptionType(made(recipe))).toBe('string');
  });
});

hold('hooks: whatever one throws or rejects with stays with it', () => {
  const said = collectWarnings();
  return fc.asyncProperty(hostileRecipe, fc.boolean(), async (recipe, rejects) => {
    const value = made(recipe);
    const outcome = callHook('hook', (): unknown => {
      if (rejects) return Promise.reject(value);
      throw value;
    });
    if (rejects) await Promise.allSettled([outcome]);
    (said as string[]).length = 0;
  });
});

hold('exceptions: a span takes whatever was thrown', () => {
  return fc.asyncProperty(hostileRecipe, async (recipe) => {
    const value = made(recipe);
    const span = {
      recordException: (exception: unknown) => void exception,
      setAttribute: (_name: string, type: unknown) => expect(typeof type).toBe('string'),
      setStatus: ({ message }: { message?: unknown }) => expect(typeof message).toBe('string'),
    };
    failSpan(span as never, value);
  });
});

hold('messages: a text of any length is one short line, in little time', () => {
  return fc.property(hostileText(), fc.integer({ min: 1, max: 500 }), (text, atMost) => {
    const line = oneLine(text, atMost);
    if (hasControl(line)) throw new Error(JSON.stringify(line));
    expect(line.length).toBeLessThan(atMost * 10 + 50);
  });
});

test.each([' ', '\t\n', ' \r\n ', '\u2028'])('a message of a million of %j takes no time', (piece) => {
  const text = `a${piece.repeat(1_000_000)}b`;
  const before = process.cpuUsage();
  expect(oneLine(text, 8192)).toMatch(/^a/);
  expect(errorText(new Error(text))).toMatch(/^Error: a/);
  expect(process.cpuUsage(before).user).toBeLessThan(200_000);
});

test.each([
  ['http://user:pass@host:4318/path?key=secret#x', 'http://REDACTED@host:4318/path?REDACTED'],
  ['user:p@ss@host', 'REDACTED@host'],
  ['http://u:p?s@host', 'http://REDACTED@host'],
  ['http://host/?mail=a@b', 'http://REDACTED@b'],
  ['https://host:4318/path', 'https://host:4318/path'],
  ['host:4317', 'host:4317'],
])('of the address %s is told %s', (url, told) => {
  expect(addressOf(url)).toBe(told);
});

test('an error that is one of its own errors is told shortly', () => {
  const error = new AggregateError([], '');
  error.errors = Array.from({ length: 1000 }, () => error);
  expect(errorText(error)).toMatch(/^(AggregateError: )+/);
  expect(errorText(error).length).toBeLessThanOrEqual(1050);
});
