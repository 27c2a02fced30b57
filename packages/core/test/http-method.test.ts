import { expect, test, vi } from 'vitest';

import { setEnvironment } from './support/started.ts';

/** The variable is read once in a process, so each test has a copy of the module. */
async function normalized(...methods: string[]): Promise<string[]> {
  vi.resetModules();
  const { normalizeMethod } = await import('../src/http-method.ts');
  return methods.map((method) => normalizeMethod(method));
}

test('the methods of RFC 9110, PATCH and QUERY are known, any other is _OTHER (H7)', async () => {
  setEnvironment({});
  const methods = ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'QUERY', 'TRACE'];
  expect(await normalized(...methods)).toEqual(methods);
  expect(await normalized('PURGE', '', 'GETS')).toEqual(['_OTHER', '_OTHER', '_OTHER']);
});

test('a method in lower case is the known one', async () => {
  setEnvironment({});
  expect(await normalized('get', 'Patch', 'purge')).toEqual(['GET', 'PATCH', '_OTHER']);
});

test('OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS replaces the list as a whole', async () => {
  setEnvironment({ OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS: 'GET, PURGE' });
  expect(await normalized('GET', 'PURGE', 'POST')).toEqual(['GET', 'PURGE', '_OTHER']);
});
