import { EventEmitter, once } from 'node:events';
import { get, type IncomingMessage, type ServerResponse } from 'node:http';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { type Context, context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { expect, onTestFinished, test } from 'vitest';

import { bindEmitter, bindRequest, bindResponse } from '../src/emitter-context.ts';
import { listen } from './support/listen.ts';

const KEY = createContextKey('where');
const BOUND: Context = ROOT_CONTEXT.setValue(KEY, 'bound');

function where(): unknown {
  return context.active().getValue(KEY);
}

function withContexts(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  onTestFinished(() => context.disable());
}

/** Binds both messages of one request between two hooks of an application. */
async function seenBy(
  earlier: (message: IncomingMessage, response: ServerResponse, note: (what: string) => void) => void,
  later: typeof earlier,
): Promise<readonly string[]> {
  withContexts();
  const seen: string[] = [];
  const note = (what: string): void => void seen.push(`${what}: ${String(where())}`);
  let close: () => void;
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  const url = await listen((message, response) => {
    response.on('close', () => close());
    earlier(message, response, note);
    bindRequest(message, BOUND);
    bindResponse(response, BOUND);
    later(message, response, note);
    message.resume();
    response.end('body');
  });
  const [answer] = (await once(get(url), 'response')) as [IncomingMessage];
  await once(answer.resume(), 'end');
  await closed;
  return seen;
}

test('listeners of an application run in the context, whether they came before the binding or after', async () => {
  const seen = await seenBy(
    (message, response, note) => {
      message.on('end', () => note('earlier end'));
      response.on('finish', () => note('earlier finish'));
    },
    (message, response, note) => {
      message.on('end', () => note('later end'));
      response.on('finish', () => note('later finish'));
      response.on('prefinish', () => note('prefinish'));
    },
  );
  expect(seen.toSorted()).toEqual([
    'earlier end: bound',
    'earlier finish: bound',
    'later end: bound',
    'later finish: bound',
    'prefinish: bound',
  ]);
});

test('an emit that the application has put there sees every event, listened to or not', async () => {
  const seen = await seenBy(
    (_message, response, note) => {
      const emit = response.emit.bind(response);
      response.emit = (event: string, ...args: unknown[]) => {
        note(event);
        return emit(event, ...args);
      };
    },
    () => undefined,
  );
  expect(seen).toEqual(['prefinish: bound', 'finish: bound', 'close: bound']);
});

test('whoever watches is told of events that nobody listens to, and of the end of those that throw', () => {
  withContexts();
  const emitter = new EventEmitter();
  const told: unknown[] = [];
  const watch =
    (when: string) =>
    (event: string | symbol, argument: unknown): void =>
      void told.push([when, event, argument]);
  bindEmitter(emitter, BOUND, watch('before'), watch('after'));
  expect(emitter.emit('unheard', 1)).toBe(false);
  const error = new Error('nobody listens');
  expect(() => emitter.emit('error', error)).toThrow(error);
  emitter.on('heard', (...args: unknown[]) => told.push([where(), ...args]));
  expect(emitter.emit('heard', 1, 2)).toBe(true);
  expect(told).toEqual([
    ['before', 'unheard', 1],
    ['after', 'unheard', 1],
    ['before', 'error', error],
    ['after', 'error', error],
    ['before', 'heard', 1],
    ['bound', 1, 2],
    ['after', 'heard', 1],
  ]);
});

test('what a message holds goes with it at the next collections of young objects', () => {
  withContexts();
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as (options?: { readonly type: 'minor' }) => void;
  const count = 500;
  const held = 10_000;
  collectGarbage();
  const before = oldBytes();
  for (let index = 0; index < count; index++) {
    const emitter = new EventEmitter();
    const body = Array.from({ length: held / 8 }, () => index);
    bindEmitter(emitter, BOUND, undefined, () => void body.length);
    emitter.emit('close');
  }
  // Whatever outlives two of them is old.
  for (let round = 0; round < 2; round++) collectGarbage({ type: 'minor' });
  expect(oldBytes() - before).toBeLessThan((count * held) / 4);
});

function oldBytes(): number {
  const spaces = getHeapSpaceStatistics().filter(({ space_name: name }) => name.startsWith('old'));
  return spaces.reduce((bytes, { space_used_size: size }) => bytes + size, 0);
}
