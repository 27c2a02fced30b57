import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { request as requestTls } from 'node:https';
import { text } from 'node:stream/consumers';

import { expect, onTestFinished, test } from 'vitest';

import type { Behaviour } from '../src/behaviour.ts';
import { KNOWN } from '../src/certificates.ts';
import { type FaultReceiver, startFaultReceiver } from '../src/fault-receiver.ts';

async function receiver(behaviour: Behaviour, tls = false): Promise<FaultReceiver> {
  const started = await startFaultReceiver({ tls });
  onTestFinished(() => started.close());
  await started.behave(behaviour);
  return started;
}

/** An export of three spans. */
const EXPORT = JSON.stringify({
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'a' } }] },
      scopeSpans: [
        {
          spans: [1, 2, 3].map((id) => ({
            traceId: '0'.repeat(31) + '1',
            spanId: '0'.repeat(15) + String(id),
            name: 'span',
            startTimeUnixNano: '1',
            endTimeUnixNano: '2',
          })),
        },
      ],
    },
  ],
});

interface Answer {
  readonly status: number | undefined;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

async function send({ port }: FaultReceiver, tls = false): Promise<Answer> {
  const options = { port, host: '127.0.0.1', path: '/v1/traces', method: 'POST', agent: false } as const;
  const call = tls ? requestTls({ ...options, ca: KNOWN.cert }) : request(options);
  call.setHeader('content-type', 'application/json');
  call.end(EXPORT);
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  return {
    status: response.statusCode,
    retryAfter: response.headers['retry-after'],
    body: await text(response),
  };
}

test('a well collector takes every span once, however often it comes', async () => {
  const well = await receiver({ does: 'accept' });
  expect(await send(well)).toMatchObject({ status: 200, body: '{}' });
  expect(await send(well)).toMatchObject({ status: 200 });
  expect(well.counts()).toEqual({ services: { a: { seen: 3, accepted: 3 } }, requests: 2 });
});

test('one that refuses gives its port back, and takes it again', async () => {
  const refusing = await receiver({ does: 'refuse' });
  await expect(send(refusing)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await refusing.behave({ does: 'accept' });
  expect(await send(refusing)).toMatchObject({ status: 200 });
});

test.each<[Behaviour, string, number]>([
  [{ does: 'reset-request' }, 'ECONNRESET', 0],
  [{ does: 'close' }, 'ECONNRESET', 3],
])('%o cuts the connection, and nothing counts as taken', async (behaviour, code, seen) => {
  const cutting = await receiver(behaviour);
  await expect(send(cutting)).rejects.toMatchObject({ code });
  expect(cutting.counts().services['a'] ?? { seen: 0, accepted: 0 }).toEqual({ seen, accepted: 0 });
});

test('an answer that breaks off after its head counts, since the head says what became of the spans', async () => {
  const cutting = await receiver({ does: 'cut-response' });
  await expect(send(cutting)).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(cutting.counts().services).toEqual({ a: { seen: 3, accepted: 3 } });
});

test.each<Behaviour>([{ does: 'hang' }, { does: 'delay', millis: 1e9 }])(
  '%o holds the connection until the next behaviour cuts it',
  async (behaviour) => {
    const holding = await receiver(behaviour);
    const sent = send(holding);
    while (holding.counts().services['a'] === undefined) await new Promise(setImmediate);
    await holding.behave({ does: 'refuse' });
    await expect(sent).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(holding.counts().services).toEqual({ a: { seen: 3, accepted: 0 } });
  },
);

test('a late answer counts when it is given', async () => {
  const late = await receiver({ does: 'delay', millis: 1 });
  expect(await send(late)).toMatchObject({ status: 200 });
  expect(late.counts().services).toEqual({ a: { seen: 3, accepted: 3 } });
});

test.each([400, 401, 413])('status %d takes nothing', async (status) => {
  const failing = await receiver({ does: 'status', status });
  expect(await send(failing)).toEqual({ status, retryAfter: undefined, body: '' });
  expect(failing.counts().services['a']?.accepted ?? 0).toBe(0);
});

test('Retry-After comes as seconds or as a date', async () => {
  const busy = await receiver({ does: 'status', status: 429, retryAfter: { seconds: 3, as: 'seconds' } });
  expect(await send(busy)).toMatchObject({ status: 429, retryAfter: '3' });
  await busy.behave({ does: 'status', status: 503, retryAfter: { seconds: 3, as: 'date' } });
  const { status, retryAfter = '' } = await send(busy);
  expect(status).toBe(503);
  expect(retryAfter).toMatch(/^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/);
});

test('a partial success says how many it rejects, and takes the others', async () => {
  const picky = await receiver({ does: 'reject', spans: 2 });
  const { status, body } = await send(picky);
  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual({
    partialSuccess: { rejectedSpans: '2', errorMessage: 'the first spans are not wanted' },
  });
  expect(picky.counts().services).toEqual({ a: { seen: 3, accepted: 1 } });
});

test('the certificate changes while it listens', async () => {
  const strange = await receiver({ does: 'strange-certificate' }, true);
  await expect(send(strange, true)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  await strange.behave({ does: 'accept' });
  expect(await send(strange, true)).toMatchObject({ status: 200 });
});

test('one that flaps refuses and takes in turn', async () => {
  const flapping = await receiver({ does: 'flap', everyMillis: 1 });
  const outcomes = new Set<unknown>();
  while (outcomes.size < 2) {
    outcomes.add(
      await send(flapping).then(
        ({ status }) => status,
        () => 'refused',
      ),
    );
  }
  expect(outcomes).toEqual(new Set([200, 'refused']));
});
