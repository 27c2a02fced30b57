import { expect, test } from 'vitest';

import { originOf } from '../src/outgoing-origin.ts';

test.each([
  ['http://inventory:8080/stock', { scheme: 'http', host: 'inventory', port: 8080 }],
  ['http://inventory:8080', { scheme: 'http', host: 'inventory', port: 8080 }],
  ['https://inventory.test/a/b?c=http://d:1/', { scheme: 'https', host: 'inventory.test', port: 0 }],
  ['http://inventory:80/', { scheme: 'http', host: 'inventory', port: 0 }],
  ['http://127.1:81/', { scheme: 'http', host: '127.0.0.1', port: 81 }],
  ['HTTP://Inventory:8080/', { scheme: 'http', host: 'inventory', port: 8080 }],
  [String.raw`http:\\inventory:8080\stock/`, { scheme: 'http', host: 'inventory', port: 8080 }],
  ['http://inventory:8080?a=/b', { scheme: 'http', host: 'inventory', port: 8080 }],
  ['http://inventory:8080#/b', { scheme: 'http', host: 'inventory', port: 8080 }],
  ['http:inventory:8080/a', { scheme: 'http', host: 'inventory', port: 8080 }],
  [' http://inventory:8080/', { scheme: 'http', host: 'inventory', port: 8080 }],
  ['http://inven\ttory:8080/', { scheme: 'http', host: 'inventory', port: 8080 }],
  ['http://me:hush@inventory:8080/', { scheme: 'http', host: 'inventory', port: 8080 }],
  ['http://inventory:8080@elsewhere:81/', { scheme: 'http', host: 'elsewhere', port: 81 }],
  [String.raw`http://elsewhere:81\@inventory:8080/`, { scheme: 'http', host: 'elsewhere', port: 81 }],
  ['http://[::1]:8080/', { scheme: 'http', host: '::1', port: 8080 }],
  ['http://caf%C3%A9:8080/', { scheme: 'http', host: 'xn--caf-dma', port: 8080 }],
])('%s goes where the URL says, the first time and later', (url, origin) => {
  expect(originOf(url)).toEqual(origin);
  expect(originOf(url)).toEqual(origin);
});

test.each(['inventory', 'http://', 'http://inventory:99999/', 'http://1.2.3.4.5/', ''])(
  'of %j nobody can say where it goes',
  (url) => {
    expect(() => originOf(url)).toThrow(TypeError);
    expect(() => originOf(url)).toThrow(TypeError);
  },
);

test('more hosts than are kept are told apart', () => {
  const hosts = Array.from({ length: 1000 }, (_none, index) => `host-${index}`);
  for (const round of ['first', 'second']) {
    expect(hosts.map((host) => originOf(`http://${host}/${round}`).host)).toEqual(hosts);
  }
});
