import { fileURLToPath } from 'node:url';

import type { SpanRecord } from '@org/tracing-core';
import {
  type LogLine,
  type OtlpReceiver,
  type ServiceProcess,
  startOtlpReceiver,
} from '@org/tracing-testing';

import { startTraced, stopTraced } from './traced-process.ts';

/** A fixture service: a framework and the way in which it calls the next one, or one without tracing. */
export type Hop = { readonly framework: string; readonly caller?: string } | 'untraced';

/** What the services left behind once they were stopped: no more can come. */
export interface HopRecording {
  readonly spans: readonly SpanRecord[];
  /** In the order of the hops. */
  readonly logs: readonly LogLine[];
}

/** The built file of this package's `src`, to be run by a process of its own. */
export function built(name: string): string {
  return fileURLToPath(new URL(`../dist/${name}.js`, import.meta.url));
}

/** Starts one service for each hop, the first calling the second and so on, and sends `GET /hop/:item` to the first. */
export async function recordHops(
  hops: readonly Hop[],
  send: (url: string, receiver: OtlpReceiver) => Promise<unknown> = getHop,
): Promise<HopRecording> {
  await using receiver = await startOtlpReceiver();
  const services: ServiceProcess[] = [];
  try {
    for (const hop of hops.toReversed()) {
      const service = await startTraced(receiver, {
        ...(hop === 'untraced'
          ? { entry: built('untraced-service') }
          : { entry: built('hop-service'), args: [hop.framework, hop.caller ?? 'fetch'] }),
        env: { NEXT_URL: services[0]?.url },
      });
      services.unshift(service);
    }
    await send(services[0]?.url ?? '', receiver);
    await stopTraced(receiver, services);
  } finally {
    for (const service of services) await service[Symbol.asyncDispose]();
  }
  return { spans: receiver.spans, logs: services.flatMap(({ logs }) => logs) };
}

async function getHop(url: string): Promise<void> {
  const response = await fetch(`${url}/hop/x`);
  const answer = await response.text();
  if (answer !== 'the end of x') throw new Error(`${response.status}: ${answer}`);
}
