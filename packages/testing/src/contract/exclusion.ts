import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

import { withSpan } from '@org/tracing-core';
import { describe, expect, onTestFinished } from 'vitest';

import { REMOTE_SPAN_ID, REMOTE_TRACE_ID, send, traceparent } from './client.ts';
import type { Route, ServerSetup } from './harness.ts';
import type { Check, Trial } from './trial.ts';

type ExcludedUrls = NonNullable<NonNullable<ServerSetup['options']>['excludedUrls']>;

const HEALTH_PATHS = ['/health', '/healthz', '/livez', '/readyz', '/ready', '/live', '/ping'];

/** Requests the paths one after the other, and returns those that were traced. */
async function traced(
  trial: Trial,
  paths: readonly string[],
  excludedUrls?: ExcludedUrls,
): Promise<string[]> {
  const { url, close } = await trial.start({
    options: excludedUrls === undefined ? undefined : { excludedUrls },
  });
  for (const path of paths) await send(`${url}${path}`);
  await close();
  await trial.spans.settled();
  return trial.spans.spans.map(({ attributes }) => String(attributes['url.path']));
}

/** Which requests are left out, and that nothing is left of them. */
export function exclusionTests(check: Check): void {
  describe('exclusion', () => {
    check('the health endpoints are left out, trailing slash and query aside', async (trial) => {
      const paths = HEALTH_PATHS.flatMap((path) => [path, `${path}/`, `${path}?full=1`, `${path}/?full=1`]);
      expect(await traced(trial, paths)).toEqual([]);
    });

    check('what only resembles a health endpoint is traced', async (trial) => {
      const paths = [
        '/healthz/x',
        '/api/health',
        '/healthy',
        '/HEALTH',
        '/ping/pong',
        '/',
        '/users?path=/health',
      ];
      expect(await traced(trial, paths)).toEqual(paths.map((path) => path.split('?')[0]));
    });

    check('excludedUrls replaces the list (Y2)', async (trial) => {
      expect(await traced(trial, ['/health', '/metrics'], '^/metrics$')).toEqual(['/health']);
    });

    check('an empty list leaves out nothing', async (trial) => {
      expect(await traced(trial, HEALTH_PATHS, [])).toEqual(HEALTH_PATHS);
    });

    check(
      'a string is a comma-separated list of regular expressions, searched in the path',
      async (trial) => {
        const paths = [
          '/client/7/info',
          '/shop/healthcheck',
          '/client',
          '/users?next=/client/7/info',
          '/other',
        ];
        const expected = ['/client', '/users', '/other'];
        expect(await traced(trial, paths, 'client/.*/info, healthcheck')).toEqual(expected);
      },
    );

    check('regular expressions, functions and strings may be mixed', async (trial) => {
      const rules = [/^\/a/g, 'b$', (path: string) => path === '/c'];
      expect(await traced(trial, ['/a', '/a2', '/ab', '/b', '/c', '/c/', '/d'], rules)).toEqual([
        '/c/',
        '/d',
      ]);
    });

    check("a function is given the path without its query, and Node's request", async (trial) => {
      const rule = (path: string, { url, method }: IncomingMessage): boolean =>
        path === '/users' && url === '/users?full=1' && method === 'GET';
      expect(await traced(trial, ['/users?full=1', '/users'], rule)).toEqual(['/users']);
    });

    check('a function that throws is harmless', async (trial) => {
      const rule = (): boolean => {
        throw new Error('from the application');
      };
      expect(await traced(trial, ['/users'], rule)).toEqual(['/users']);
    });

    check('OTEL_NODE_EXCLUDED_URLS replaces the list, and excludedUrls wins over it (Y2)', async (trial) => {
      process.env['OTEL_NODE_EXCLUDED_URLS'] = 'metrics,^/internal/';
      onTestFinished(() => {
        delete process.env['OTEL_NODE_EXCLUDED_URLS'];
      });
      const paths = ['/health', '/metrics', '/internal/x'];
      expect(await traced(trial, paths)).toEqual(['/health']);
      trial.spans.reset();
      expect(await traced(trial, paths, [])).toEqual(paths);
    });

    check('a wrong rule is a TypeError at registration', async ({ start }) => {
      const start42 = start({ options: { excludedUrls: 42 as never } });
      await expect(start42).rejects.toThrow(/excludedUrls: expected .* got 42/);
      await expect(start({ options: { excludedUrls: '(' } })).rejects.toThrow(TypeError);
    });

    check(
      'an excluded request makes nothing at all, below it either, and sends no traceparent (X4)',
      async (trial) => {
        const next = await trial.startNextHop();
        const health: Route = {
          method: 'GET',
          path: '/health',
          handler: async ({ response }) => {
            response.on('finish', () => withSpan('at finish', () => undefined));
            await withSpan('check', async () => (await fetch(next.url)).text());
            const [answer] = (await once(get(next.url), 'response')) as [IncomingMessage];
            answer.resume();
            await new Promise<void>((resolve) => {
              setTimeout(() => withSpan('in a timer', () => resolve()), 0);
            });
            return { body: 'well' };
          },
        };
        const { url, close } = await trial.start({ routes: [health] });
        const headers = traceparent(REMOTE_TRACE_ID, REMOTE_SPAN_ID);
        expect(await send(`${url}/health`, { headers })).toMatchObject({ status: 200, body: 'well' });
        await close();
        expect(next.headers).toHaveLength(2);
        for (const received of next.headers) expect(received).not.toHaveProperty('traceparent');
        expect(trial.spans.started).toBe(0);
      },
    );
  });
}
