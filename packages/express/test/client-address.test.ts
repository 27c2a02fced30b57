import { describe, expect, test } from 'vitest';

import { expressServer } from './express-server.ts';
import { versions } from './express-versions.ts';
import { ok } from './route-cases.ts';

const FORWARDED = { headers: { 'x-forwarded-for': '203.0.113.9' } };

for (const { version, express } of versions) {
  describe(`express ${version}: client.address`, () => {
    test('is the peer where no proxy has named a client, and where none is trusted', async () => {
      const { app, spanOf } = expressServer(express, { express });
      app.get('/', ok);
      expect((await spanOf('/')).attributes['client.address']).toBe('127.0.0.1');
      expect((await spanOf('/', FORWARDED)).attributes['client.address']).toBe('127.0.0.1');
      app.set('trust proxy', true);
      expect((await spanOf('/')).attributes['client.address']).toBe('127.0.0.1');
      expect((await spanOf('/', FORWARDED)).attributes['client.address']).toBe('203.0.113.9');
    });

    test('is what the application has defined request.ip as, for all requests', async () => {
      const { app, spanOf } = expressServer(express, { express });
      app.get('/', ok);
      Object.defineProperty((app as unknown as { request: object }).request, 'ip', {
        configurable: true,
        get(this: { get(name: string): string | undefined }) {
          return this.get('client-ip');
        },
      });
      const headers = { 'client-ip': '198.51.100.7' };
      expect((await spanOf('/', { headers })).attributes['client.address']).toBe('198.51.100.7');
    });
  });
}
