import { once } from 'node:events';

import websocket from '@fastify/websocket';
import { collectSpans } from '@org/tracing-testing';
import fastify, { type FastifyInstance } from 'fastify';
import { WebSocket } from 'undici';
import { expect, onTestFinished, test } from 'vitest';

import { fastifyTracing } from '../src/index.ts';

const orders: Readonly<Record<string, (app: FastifyInstance) => Promise<void>>> = {
  'before it': async (app) => {
    await app.register(fastifyTracing, { layers: true });
    await app.register(websocket);
  },
  'after it': async (app) => {
    await app.register(websocket);
    await app.register(fastifyTracing, { layers: true });
  },
};

for (const [order, register] of Object.entries(orders)) {
  test(`a websocket’s handler gets socket and request, with layers and registered ${order} (F10)`, async () => {
    await using spans = collectSpans();
    const app = fastify({ forceCloseConnections: true });
    onTestFinished(() => app.close());
    await register(app);
    const given: unknown[] = [];
    app.get('/chat/:room', { websocket: true }, (socket, request) => {
      given.push((request.params as { room: string }).room);
      socket.on('message', (message: Buffer) => socket.send(`echo ${message.toString()}`));
    });
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    const client = new WebSocket(`${url.replace('http', 'ws')}/chat/7`);
    await once(client, 'open');
    client.send('hello');
    const [message] = (await once(client, 'message')) as [{ data: unknown }];
    expect([given, message.data]).toEqual([['7'], 'echo hello']);
    client.close();
    await once(client, 'close');
    await spans.settled();
    const server = spans.spans.filter((span) => span.name === 'GET /chat/:room');
    expect(server.map((span) => span.attributes['error.type'])).toEqual([undefined]);
  });
}
