import { expect, test } from 'vitest';

import { edgeHref, nodeHref } from '../../page/src/map/map-hrefs.ts';
import { filterCount, filtersOf, listHref, NO_FILTERS, searchOf } from '../../page/src/query-url.ts';
import { routeOf, traceHref } from '../../page/src/route.ts';

test('filters come through the address and back', () => {
  const filters = {
    ...NO_FILTERS,
    service: 'shop & co',
    route: '/orders/:id',
    status: '5xx',
    minMs: '20',
    error: 'true',
    attributes: ['sku=a=b', 'db.system'],
    text: 'ünïcode +',
    sort: 'longest',
    limit: 500,
  } as const;
  expect(filtersOf(searchOf(filters))).toEqual(filters);
  expect(filterCount(filters)).toBe(8);
});

test('without filters the address has no query', () => {
  expect(searchOf(NO_FILTERS)).toBe('');
  expect(filtersOf('')).toEqual(NO_FILTERS);
});

test('what an address says wrongly counts as unsaid', () => {
  expect(filtersOf('?error=perhaps&sort=colour&limit=1e9&attribute=&attribute=a&attribute=a')).toEqual({
    ...NO_FILTERS,
    attributes: ['a'],
  });
});

test('addresses name pages', () => {
  expect(routeOf('/', '?service=a')).toEqual({ page: 'list' });
  expect(routeOf('/map', '')).toEqual({ page: 'map' });
  expect(routeOf('/trace/4BF9', '?span=00F0&view=logs')).toEqual({
    page: 'trace',
    traceId: '4bf9',
    spanId: '00f0',
    view: 'logs',
  });
  expect(routeOf('/trace', '')).toEqual({ page: 'unknown' });
  expect(routeOf('/trace/a/b', '')).toEqual({ page: 'unknown' });
});

test('the address of a trace leads to its page', () => {
  expect(traceHref('4bf9')).toBe('/trace/4bf9');
  expect(traceHref('4bf9', '00f0', 'logs')).toBe('/trace/4bf9?span=00f0&view=logs');
  // An id from elsewhere cannot lead out of the page.
  expect(traceHref('../map?x')).toBe('/trace/..%2Fmap%3Fx');
});

test('the map leads to the traces of a service, and of a call', () => {
  const edge = { calls: 1, errors: 0, perSecond: 1, errorRate: 0, p50Ms: 1, p99Ms: 1 };
  expect(nodeHref({ service: 'shop', requests: 1, errors: 0, external: false })).toBe('/?service=shop');
  expect(nodeHref({ service: 'postgresql stock', requests: 1, errors: 0, external: true })).toBe(
    '/?text=stock',
  );
  expect(edgeHref({ ...edge, from: 'a', to: 'b' }, false)).toBe('/?service=b&text=a');
  expect(edgeHref({ ...edge, from: 'a', to: 'api.example.com:8443' }, true)).toBe(
    '/?service=a&text=api.example.com',
  );
  expect(listHref({ requestId: 'r 1' })).toBe('/?requestId=r+1');
});
