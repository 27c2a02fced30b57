import { strict as assert } from 'node:assert';

import type { SpanRecord } from '@org/tracing-core';
import { type ServiceOptions, startOtlpReceiver, startService } from '@org/tracing-testing';

/**
 * Runs a sample service as a process of its own, by this Node or another, sends it one request and stops it.
 *
 * @returns The spans that it sent over OTLP, in the order of their start: parents before children, calls as they
 *   were made.
 */
export async function spansOf(
  entry: string,
  env: Record<string, string>,
  execPath: string = process.execPath,
  options: Pick<ServiceOptions, 'cwd' | 'execArgv'> = {},
): Promise<readonly SpanRecord[]> {
  await using receiver = await startOtlpReceiver();
  await using service = await startService({
    entry,
    execPath,
    env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    timeoutMillis: 30_000,
    ...options,
  });
  const response = await fetch(`${service.url}/hello/world`);
  assert.equal(await response.text(), 'hello world');
  await service.stop();
  // Nothing has gone wrong, and nobody was warned.
  assert.equal(service.stderr, '');
  await receiver.settled();
  return receiver.spans.toSorted((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano));
}
