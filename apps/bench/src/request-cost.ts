import type { Reading } from './rounds.ts';
import type { Service } from './service.ts';
import type { Surroundings } from './surroundings.ts';

/** Sent one after the other, slowly enough for every tracer to deliver all spans that it makes. */
const SLOW_REQUESTS = 5;

/** What is sent to a service, and how much of it. */
export interface Traffic {
  readonly path: string;
  readonly body?: string;
  /** Before anything is measured: until compiled code serves the requests. */
  readonly warmUp: number;
  readonly requests: number;
  readonly connections: number;
}

/**
 * CPU time of the services for each request, in microseconds, until their spans are delivered.
 *
 * @param services The one that takes the requests first.
 * @param share The part of the requests that is sent.
 */
export async function requestCost(
  services: readonly Service[],
  surroundings: Surroundings,
  { path, body, connections, ...counts }: Traffic,
  share = 1,
): Promise<Reading> {
  const warmUp = counts.warmUp * share;
  const requests = counts.requests * share;
  const origin = services[0]?.origin ?? '';
  const order = { origin, path, connections, ...(body !== undefined && { body }) };
  await surroundings.load({ ...order, connections: 1, requests: SLOW_REQUESTS });
  await flush(services);
  const made = (await surroundings.delivered()).spans / SLOW_REQUESTS;
  await surroundings.load({ ...order, requests: warmUp });
  await flush(services);
  await surroundings.delivered();

  const before = await cpuMicros(services);
  await surroundings.load({ ...order, requests });
  await flush(services);
  const micros = (await cpuMicros(services)) - before;
  const { spans } = await surroundings.delivered();
  return { value: micros / requests, spans: { made, delivered: spans / requests } };
}

async function flush(services: readonly Service[]): Promise<void> {
  await Promise.all(services.map((service) => service.flush()));
}

async function cpuMicros(services: readonly Service[]): Promise<number> {
  const each = await Promise.all(services.map((service) => service.cpuMicros()));
  return each.reduce((sum, micros) => sum + micros, 0);
}
