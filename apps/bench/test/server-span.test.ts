import { SpanKind } from '@opentelemetry/api';
import { startOtlpReceiver } from '@org/tracing-testing';
import { expect, test } from 'vitest';

import { OWN } from '../src/modules.ts';
import { startService } from '../src/service.ts';
import { setupNamed } from '../src/setups.ts';

/** Attributes of the SERVER span of one request. */
async function attributesWith(setup: string): Promise<Record<string, unknown>> {
  await using receiver = await startOtlpReceiver();
  await using service = await startService({
    node: process.execPath,
    modules: OWN,
    sinkPort: Number(new URL(receiver.url).port),
    framework: 'fastify',
    setup: setupNamed(setup),
  });
  const response = await fetch(`${service.origin}/hello/world?lang=en`);
  expect(await response.json()).toEqual({ hello: 'world' });
  await service.flush();
  await receiver.settled();
  const [server, ...others] = receiver.spans.filter(({ kind }) => kind === SpanKind.SERVER);
  expect(others).toEqual([]);
  return { ...server?.attributes };
}

test('the SERVER span of the kit says what the one of stock says, so that like is compared with like', async () => {
  const { 'server.port': _, 'network.peer.port': __, ...stock } = await attributesWith('stock');
  const kit = await attributesWith('kit');
  expect(Object.keys(stock)).toHaveLength(11);
  expect(kit).toEqual({
    ...stock,
    'server.port': expect.any(Number),
    'network.peer.port': expect.any(Number),
  });
});
