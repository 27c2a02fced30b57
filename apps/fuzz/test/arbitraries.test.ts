import fc from 'fast-check';
import { expect, test } from 'vitest';

import { hold } from '../src/hold.ts';
import { rawRequest } from '../src/requests.ts';
import { hasControl, holdsText, hostileText } from '../src/texts.ts';
import { hostileRecipe, made } from '../src/values.ts';

hold('recipes: each can be printed, and made again and again', () =>
  fc.property(hostileRecipe, (recipe) => {
    expect(typeof JSON.stringify(recipe)).toBe('string');
    made(recipe);
    made(recipe);
  }),
);

hold('requests: each is bytes, with the secret where the target or a header has one', () =>
  fc.property(rawRequest, ({ text }) => {
    expect(Buffer.from(text, 'latin1').toString('latin1')).toBe(text);
    expect(text).not.toContain('SECRET');
  }),
);

test('texts are short and long, with control characters and without', () => {
  const texts = fc.sample(hostileText(), 500);
  expect(texts.some((text) => text.length > 1000)).toBe(true);
  expect(texts.some(hasControl)).toBe(true);
  expect(texts.some((text) => text !== '' && !hasControl(text))).toBe(true);
});

test('a secret is found in any part of a value', () => {
  expect(holdsText({ a: [{ b: 'x s3cr3t y' }], c: 1n }, 's3cr3t')).toBe(true);
  expect(holdsText({ a: 'secret' }, 's3cr3t')).toBe(false);
});
