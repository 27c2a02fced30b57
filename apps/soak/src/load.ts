import { Client } from './client.ts';
import type { RequestMix } from './requests.ts';

/** What was sent, and what came of it. */
export interface LoadCount {
  requests: number;
  /** Requests whose client went before the answer was whole. */
  aborts: number;
  /** Requests that the service failed: answers of 500, and answers that it cut off. */
  errors: number;
  /** Answers that should not have been, by status. */
  readonly wrong: Record<string, number>;
}

export function noLoad(): LoadCount {
  return { requests: 0, aborts: 0, errors: 0, wrong: {} };
}

/**
 * Sends so many requests more, `clients` at the same time, and closes all connections afterwards.
 *
 * @param counts Is added to.
 */
export async function sendLoad(
  mix: RequestMix,
  { port, requests, clients }: { port: number; requests: number; clients: number },
  counts: LoadCount,
): Promise<void> {
  const last = counts.requests + requests;
  async function work(): Promise<void> {
    const client = new Client(port);
    while (counts.requests < last) {
      const turn = mix.next();
      counts.requests += turn.requests;
      const { statuses, aborted } = await client.send(turn);
      counts.aborts += aborted;
      for (const status of statuses) {
        if (status === 500 || status === 0) counts.errors += 1;
        const isExpected = turn.statuses.includes(status) || turn.abort !== undefined;
        if (!isExpected) counts.wrong[status] = (counts.wrong[status] ?? 0) + 1;
      }
    }
    client.close();
  }
  await Promise.all(Array.from({ length: clients }, work));
}
