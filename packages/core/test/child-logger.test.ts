import { expect, test } from 'vitest';

import { childLogger } from '../src/child-logger.ts';
import { configureLogging } from '../src/configure-logging.ts';
import { withSpan } from '../src/with-span.ts';
import { collectingStream, freshLoglevel, logged, parseLines } from './support/logged.ts';
import { recordSpans } from './support/recorded-spans.ts';

test('lines of a child logger have its fields and the ids of the active span (L1)', () => {
  recordSpans();
  const shop = logged();
  const child = childLogger(shop.log.getLogger('orders'), { order: 'a-1' });
  const spanId = withSpan('work', (span) => {
    child.info('accepted %s', 'now', { pieces: 2 });
    return span.spanContext().spanId;
  });
  expect(shop.lines()).toEqual([
    expect.objectContaining({
      logger: 'orders',
      message: 'accepted now',
      order: 'a-1',
      pieces: 2,
      span_id: spanId,
    }),
  ]);
});

test('fields of the line win over those of the child, and a child’s over its parent’s', () => {
  const shop = logged({ fields: () => ({ a: 'option', job: 1 }) });
  const parent = childLogger(shop.log, { a: 'parent', b: 'parent', c: 'parent' });
  const child = childLogger(parent, { b: 'child', c: 'child' });
  child.info('here', { c: 'line' });
  parent.info('here');
  expect(shop.lines()).toMatchObject([
    { a: 'parent', b: 'child', c: 'line', job: 1 },
    { a: 'parent', b: 'parent', c: 'parent', job: 1 },
  ]);
});

test('its fields are no part of the message', () => {
  const shop = logged();
  const child = childLogger(shop.log, { order: 'a-1' });
  child.info({ pieces: 2 });
  child.error(new Error('boom'));
  child.info();
  child.info('100%');
  expect(shop.lines().map(({ message }) => message)).toEqual(['{ pieces: 2 }', 'boom', '', '100%']);
  expect(shop.lines().map(({ order }) => order)).toEqual(['a-1', 'a-1', 'a-1', 'a-1']);
});

test('it has the level of its logger, whenever that changes (L7)', () => {
  const shop = logged();
  const child = childLogger(shop.log, { order: 'a-1' });
  child.debug('not written');
  shop.log.setLevel('debug');
  child.debug('written');
  child.setLevel('error');
  shop.log.warn('not written');
  child.warn('not written');
  expect(child.getLevel()).toBe(shop.log.levels.ERROR);
  expect(shop.lines().map(({ message }) => message)).toEqual(['written']);
});

test('it works with a logger that is configured later, and again (L8)', () => {
  const log = freshLoglevel();
  const child = childLogger(log, { order: 'a-1' });
  const { stream, written } = collectingStream();
  configureLogging(log, { stream })();
  configureLogging(log, { stream });
  child.info('here');
  expect(parseLines(written())).toMatchObject([{ message: 'here', order: 'a-1' }]);
});

test('without configureLogging the fields stand before the text', () => {
  const log = freshLoglevel();
  const calls: unknown[][] = [];
  log.methodFactory =
    () =>
    (...args: unknown[]) =>
      void calls.push(args);
  log.rebuild();
  childLogger(log, { order: 'a-1' }).error('here');
  expect(calls).toEqual([[{ order: 'a-1' }, 'here']]);
});

test('fields are copied when the child is made', () => {
  const shop = logged();
  const fields = { order: 'a-1' };
  const child = childLogger(shop.log, fields);
  fields.order = 'changed';
  child.info('here');
  expect(shop.lines()).toMatchObject([{ order: 'a-1' }]);
});

test('anything else than a logger and fields throws a TypeError', () => {
  expect(() => childLogger({} as typeof console, {})).toThrow(
    /logger must be a logger of loglevel; got \{\}/,
  );
  expect(() => childLogger(freshLoglevel(), 'text' as unknown as object)).toThrow(
    /fields must be an object; got 'text'/,
  );
});
