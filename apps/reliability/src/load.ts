import { Agent, request } from 'node:http';
import { setTimeout } from 'node:timers/promises';

const BODY = JSON.stringify({ sku: 'anvil', quantity: 2 });
const HEADERS = { 'content-type': 'application/json', 'content-length': BODY.length };

/** Longer than any service waits for the next, so that it is they who give up. */
const TIMEOUT_MILLIS = 20_000;

/** One request of the load. */
export interface Sample {
  /** Milliseconds from when it was due, not from when it was sent, to the end of the answer. */
  readonly millis: number;
  /** Why it counts as failed; undefined where it was answered with 200. */
  readonly failure: string | undefined;
}

/**
 * Sends so many orders at a constant rate, however long the answers take: each is due at its own time, and its
 * latency counts from then. @returns All of them, when the last has been answered.
 */
export async function sendOrders(url: string, perSecond: number, count: number): Promise<readonly Sample[]> {
  const agent = new Agent({ keepAlive: true });
  const began = performance.now();
  const samples = Array.from({ length: count }, async (_, index): Promise<Sample> => {
    const due = began + (index * 1000) / perSecond;
    await setTimeout(due - performance.now());
    const failure = await send(url, agent);
    return { millis: performance.now() - due, failure };
  });
  try {
    return await Promise.all(samples);
  } finally {
    agent.destroy();
  }
}

/** @returns Why it failed, undefined where it did not. */
function send(url: string, agent: Agent): Promise<string | undefined> {
  return new Promise((resolve) => {
    const call = request(url, { method: 'POST', agent, headers: HEADERS, timeout: TIMEOUT_MILLIS });
    call.on('timeout', () => call.destroy(new Error('no answer in time')));
    call.on('error', (error) => resolve(error.message));
    call.on('response', (response) => {
      response.on('error', (error) => resolve(error.message));
      response.on('end', () =>
        resolve(response.statusCode === 200 ? undefined : `status ${response.statusCode}`),
      );
      response.resume();
    });
    call.end(BODY);
  });
}

/** What a number of requests amounts to. Latencies in milliseconds. */
export interface LoadSummary {
  readonly requests: number;
  readonly failures: readonly string[];
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export function summarise(samples: readonly Sample[]): LoadSummary {
  const sorted = samples.map(({ millis }) => millis).toSorted((a, b) => a - b);
  // The nearest rank: a latency that was measured.
  const rank = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
  return {
    requests: samples.length,
    failures: samples.flatMap(({ failure }) => failure ?? []),
    p50: rank(0.5),
    p99: rank(0.99),
    max: rank(1),
  };
}
