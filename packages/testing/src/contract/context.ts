import { AsyncResource } from 'node:async_hooks';
import { EventEmitter, once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { SpanKind, trace } from '@opentelemetry/api';
import { bindContext, withSpan } from '@org/tracing-core';
import { describe, expect } from 'vitest';

import { send } from './client.ts';
import type { Reply } from './harness.ts';
import type { Check } from './trial.ts';

/** Notes which span is active in which place of a request. */
function activity(): { note(place: string): void; readonly seen: Record<string, string | undefined> } {
  const seen: Record<string, string | undefined> = {};
  return {
    note: (place) => (seen[place] = trace.getActiveSpan()?.spanContext().spanId),
    seen,
  };
}

/** Where the server span is the active one. */
export function contextTests(check: Check): void {
  describe('the server span is active', () => {
    check('in the handler, after an await, and in timers', async ({ start, spans }) => {
      const { note, seen } = activity();
      const { url } = await start({
        routes: [
          {
            method: 'GET',
            path: '/',
            handler: async () => {
              note('handler');
              await Promise.resolve();
              note('promise');
              await new Promise<void>((resolve) => {
                setTimeout(() => {
                  note('timer');
                  resolve();
                }, 0);
              });
              await new Promise(setImmediate);
              note('immediate');
              await new Promise<void>((resolve) => process.nextTick(resolve));
              note('tick');
              return { body: 'done' };
            },
          },
        ],
      });
      await send(url);
      const [span] = await spans.waitForTrace();
      const places = ['handler', 'promise', 'timer', 'immediate', 'tick'];
      expect(seen).toEqual(Object.fromEntries(places.map((place) => [place, span?.spanId])));
    });

    check('in emitters, generators and pools that requests share, as far as each binds', async (trial) => {
      const { note, seen } = activity();
      const shared = new EventEmitter();
      const waiting: (() => void)[] = [];
      async function* steps(): AsyncGenerator<string> {
        yield 'first step';
        await new Promise(setImmediate);
        yield 'second step';
      }
      const handler = async (): Promise<Reply> => {
        shared.once('here', () => note('emitter'));
        shared.emit('here');
        for await (const step of steps()) note(step);
        const resource = new AsyncResource('pool');
        await new Promise<void>((resolve) => {
          waiting.push(() => resource.runInAsyncScope(() => note('AsyncResource')));
          waiting.push(bindContext(() => note('bindContext')));
          waiting.push(resolve);
          opened();
        });
        note('after the pool');
        return { body: 'done' };
      };
      let opened: () => void;
      const asked = new Promise<void>((resolve) => (opened = resolve));
      const { url } = await trial.start({ routes: [{ method: 'GET', path: '/', handler }] });
      const sent = send(url);
      await asked;
      // Somebody else's context, as when another request gives back what this one waits for.
      withSpan('another request', () => {
        for (const call of waiting) call();
      });
      await sent;
      const spans = await trial.spans.waitForSpans(2);
      const server = spans.find(({ kind }) => kind === SpanKind.SERVER);
      const places = [
        'emitter',
        'first step',
        'second step',
        'AsyncResource',
        'bindContext',
        'after the pool',
      ];
      expect(seen).toEqual(Object.fromEntries(places.map((place) => [place, server?.spanId])));
    });

    check('in a task that goes on after the response, whose spans are children (Y4)', async (trial) => {
      let finish = (): void => undefined;
      const answered = new Promise<void>((resolve) => (finish = resolve));
      let task: Promise<void> | undefined;
      const handler = (): Reply => {
        task = withSpan('send the mail', () => answered);
        return { body: 'accepted' };
      };
      const { url } = await trial.start({
        routes: [{ method: 'GET', path: '/', handler }],
        registrations: 2,
      });
      await send(url);
      await trial.spans.waitForSpans(1);
      expect(trial.spans.ended).toBe(1);
      finish();
      await task;
      await trial.spans.settled();
      expect(trial.spans.spans).toMatchTraceTree({
        kind: 'SERVER',
        name: 'GET /',
        children: [{ name: 'send the mail' }],
      });
    });

    check('while the body is parsed, and after it', async ({ start, spans }) => {
      const { note, seen } = activity();
      const { url } = await start({
        parseJson: (body) => {
          note('parser');
          return JSON.parse(body) as unknown;
        },
        routes: [
          {
            method: 'POST',
            path: '/',
            handler: ({ body }) => {
              note('handler');
              return { body: JSON.stringify(body) };
            },
          },
        ],
      });
      const headers = { 'content-type': 'application/json' };
      expect((await send(url, { method: 'POST', headers, body: '{"a":1}' })).body).toBe('{"a":1}');
      const [span] = await spans.waitForTrace();
      expect(seen).toEqual({ parser: span?.spanId, handler: span?.spanId });
    });

    check('in the error handler', async ({ start, spans }) => {
      const { note, seen } = activity();
      const { url } = await start({
        onError: () => {
          note('error handler');
          return { status: 500, body: 'sorry' };
        },
        routes: [
          {
            method: 'GET',
            path: '/',
            handler: async () => {
              await new Promise(setImmediate);
              throw new Error('no stock');
            },
          },
        ],
      });
      await send(url);
      const [span] = await spans.waitForTrace();
      expect(seen).toEqual({ 'error handler': span?.spanId });
    });

    check('in listeners on the request and the response (X3)', async ({ start, spans }) => {
      const { note, seen } = activity();
      let over: Promise<unknown> = Promise.resolve();
      const { url } = await start({
        routes: [
          {
            method: 'POST',
            path: '/',
            handler: async ({ request, response }) => {
              request.on('data', () => note('data')).on('end', () => note('end'));
              request.on('close', () => note('request close'));
              response.on('finish', () => note('finish')).on('close', () => note('response close'));
              over = Promise.all([once(request, 'close'), once(response, 'close')]);
              await once(request, 'end');
              note('after end');
              return { body: 'done' };
            },
          },
        ],
      });
      const headers = { 'content-type': 'application/octet-stream' };
      await send(url, { method: 'POST', headers, body: 'bytes' });
      await over;
      const [span] = await spans.waitForTrace();
      const places = ['data', 'end', 'after end', 'finish', 'request close', 'response close'];
      expect(seen).toEqual(Object.fromEntries(places.map((place) => [place, span?.spanId])));
    });

    check('while a streamed reply is made, part by part', async ({ start, spans }) => {
      const active: unknown[] = [];
      async function* parts(): AsyncGenerator<Buffer> {
        for (let part = 0; part < 3; part++) {
          active.push(trace.getActiveSpan()?.spanContext().spanId);
          // More than a socket takes at once.
          yield Buffer.alloc(200_000);
          await new Promise(setImmediate);
        }
      }
      const handler = (): Reply => ({ body: Readable.from(parts()) });
      const { url } = await start({ routes: [{ method: 'GET', path: '/', handler }] });
      expect((await send(url)).body).toHaveLength(600_000);
      const [span] = await spans.waitForTrace();
      expect(active).toEqual([span?.spanId, span?.spanId, span?.spanId]);
    });

    check('when a request stream is consumed by iteration', async ({ start, spans }) => {
      const { note, seen } = activity();
      const { url } = await start({
        routes: [
          {
            method: 'POST',
            path: '/',
            handler: async ({ request }) => {
              const body = await text(request);
              note('after the body');
              return { body };
            },
          },
        ],
      });
      const headers = { 'content-type': 'application/octet-stream' };
      expect((await send(url, { method: 'POST', headers, body: 'bytes' })).body).toBe('bytes');
      const [span] = await spans.waitForTrace();
      expect(seen).toEqual({ 'after the body': span?.spanId });
    });
  });
}
