import type { Application } from 'express';
import { describe, expect, onTestFinished, test } from 'vitest';

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

    test.each<[string, (app: Application) => object]>([
      ['for its requests', (app) => (app as unknown as { request: object }).request],
      ['for those of all applications', () => (express as unknown as { request: object }).request],
    ])('is what the application has defined request.ip as, %s', async (_whose, prototypeOf) => {
      const { app, spanOf } = expressServer(express, { express });
      app.get('/', ok);
      const prototype = prototypeOf(app);
      const before = Object.getOwnPropertyDescriptor(prototype, 'ip');
      onTestFinished(() => {
        if (before) Object.defineProperty(prototype, 'ip', before);
      });
      Object.defineProperty(prototype, 'ip', {
        configurable: true,
        get: function ip(this: { get(name: string): string | undefined }) {
          return this.get('client-ip');
        },
      });
      const headers = { 'client-ip': '198.51.100.7' };
      expect((await spanOf('/', { headers })).attributes['client.address']).toBe('198.51.100.7');
    });
  });
}
