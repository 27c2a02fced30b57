import { runInNewContext } from 'node:vm';

import { expect, test } from 'vitest';

import { logged, type LogLine } from './support/logged.ts';

function lineOf(...args: readonly unknown[]): LogLine {
  const shop = logged();
  shop.log.error(...args);
  const lines = shop.lines();
  expect(lines).toHaveLength(1);
  return lines[0] ?? {};
}

class StockError extends Error {
  readonly code = 'E_STOCK';
  readonly request = { authorization: 'a secret' };
}

test('an error that is logged is the exception of the line: type, message, stack', () => {
  const error = new TypeError('out of stock\nand more');
  expect(lineOf('order failed:', error)).toMatchObject({
    level: 'ERROR',
    message: 'order failed:',
    exception: { type: 'TypeError', message: 'out of stock\nand more', stack: error.stack },
  });
});

test('an error alone gives the message too', () => {
  expect(lineOf(new Error('boom'))).toMatchObject({ message: 'boom', exception: { message: 'boom' } });
});

test.each<[string, (error: Error) => readonly unknown[], string]>([
  ['before the text', (error) => [error, 'order %s', 'a-1'], 'order a-1'],
  ['among fields', (error) => ['failed', { attempt: 1 }, error], 'failed'],
  ['as the field err', (error) => ['failed', { err: error }], 'failed'],
  ['as the field error', (error) => ['failed', { error }], 'failed'],
  ['as the field exception', (error) => ['failed', { exception: error }], 'failed'],
])('an error %s is the exception', (_where, argsWith, message) => {
  const error = new RangeError('boom');
  expect(lineOf(...argsWith(error))).toMatchObject({
    message,
    exception: { type: 'RangeError', message: 'boom', stack: error.stack },
  });
});

test('an error that fills a placeholder is in the message and the exception', () => {
  const { message, exception } = lineOf('failed: %s', new Error('boom'));
  expect(message).toMatch(/^failed: Error: boom/);
  expect(exception).toMatchObject({ type: 'Error', message: 'boom' });
});

test('the first of several errors is the exception, the others join the message', () => {
  expect(lineOf('failed', new Error('one'), new RangeError('two'))).toMatchObject({
    message: 'failed RangeError: two',
    exception: { message: 'one' },
  });
});

test('a code is kept, other properties of an error stay out of the line', () => {
  const line = lineOf('failed', new StockError('none left'));
  expect(line['exception']).toEqual({
    type: 'StockError',
    message: 'none left',
    stack: expect.any(String),
    code: 'E_STOCK',
  });
  expect(JSON.stringify(line)).not.toContain('a secret');
});

test('the causes of an error are told, down to a cause that is no error', () => {
  const error = new Error('top', { cause: new RangeError('middle', { cause: { code: 'bottom' } }) });
  expect(lineOf(error)['exception']).toMatchObject({
    message: 'top',
    cause: { type: 'RangeError', message: 'middle', cause: { code: 'bottom' } },
  });
});

test('errors that cause each other end as circular', () => {
  const one = new Error('one');
  const two = new Error('two', { cause: one });
  one.cause = two;
  expect(lineOf(one)['exception']).toMatchObject({
    message: 'one',
    cause: { message: 'two', cause: '[Circular]' },
  });
});

test('the errors of an AggregateError are told', () => {
  const error = new AggregateError([new Error('v4 refused'), 'v6'], 'all refused');
  expect(lineOf(error)['exception']).toMatchObject({
    type: 'AggregateError',
    errors: [{ message: 'v4 refused' }, 'v6'],
  });
});

test('errors in fields and lists are objects with type, message and stack', () => {
  expect(lineOf('failed', { attempts: [new Error('first')] })['attempts']).toEqual([
    { type: 'Error', message: 'first', stack: expect.stringContaining('Error: first') },
  ]);
});

test('an error of another realm is one', () => {
  expect(lineOf(runInNewContext('new RangeError("elsewhere")'))['exception']).toMatchObject({
    type: 'RangeError',
    message: 'elsewhere',
  });
});

test('an error whose every property throws gives one valid line', () => {
  const hostile = new Proxy(new Error('hidden'), {
    get() {
      throw new Error('no');
    },
  });
  expect(lineOf('failed', hostile)['exception']).toEqual({ type: 'Error', message: '', stack: '' });
});
