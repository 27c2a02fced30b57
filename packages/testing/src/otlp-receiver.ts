import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

import { type OtlpExport, otlpHandler, type OtlpLog } from '@org/tracing-otlp';

import { checkKeys } from './checked-options.ts';
import { type CollectedSpans, spanCollection } from './span-collection.ts';

/** Options of {@link startOtlpReceiver}. */
export interface OtlpReceiverOptions {
  /** Port of 127.0.0.1. Default: 0, any that is free. */
  readonly port?: number;
  /** Bound of a request's body, packed and unpacked alike. Default: 64 MiB, the most that a client may send. */
  readonly bodyLimitBytes?: number;
}

/** A running receiver with what has arrived. */
export interface OtlpReceiver extends CollectedSpans, AsyncDisposable {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`, without a slash at the end. */
  readonly url: string;
  /** Every log record in the order of arrival. */
  readonly logs: readonly OtlpLog[];
  /** Every export that was taken, in the order of arrival. */
  readonly exports: readonly OtlpExport[];
  /**
   * Resolves when everything that was sent before this call is here. Ask it once the senders have flushed or
   * exited; what `spans` holds then is all there will be.
   */
  settled(): Promise<void>;
  /** Stops listening and cuts the connections; waits under way fail. */
  close(): Promise<void>;
}

const MEBIBYTE = 1024 * 1024;

/**
 * Starts an OTLP/HTTP receiver on 127.0.0.1: `POST /v1/traces` and `/v1/logs`, protobuf and JSON, gzip or
 * not. What it cannot read is refused with the reason, as OTLP wants it (opentelemetry-proto, OTLP/HTTP).
 *
 * @example
 * await using receiver = await startOtlpReceiver();
 * const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
 * const trace = await receiver.waitForTrace({ spanCount: 3 });
 */
export async function startOtlpReceiver(options: OtlpReceiverOptions = {}): Promise<OtlpReceiver> {
  checkKeys('startOtlpReceiver', options, ['port', 'bodyLimitBytes']);
  const { port = 0, bodyLimitBytes = 64 * MEBIBYTE } = options;
  const collection = spanCollection();
  const logs: OtlpLog[] = [];
  const exports: OtlpExport[] = [];
  const underWay = new Set<Promise<void>>();

  const handler = otlpHandler({
    takeSpans: collection.add,
    takeLogs: (arrived) => {
      for (const log of arrived) logs.push(log);
    },
    limits: { bodyBytes: bodyLimitBytes },
    exports: (taken) => void exports.push(taken),
  });
  const server = createServer((request, response) => {
    const answered = handler(request, response).finally(() => underWay.delete(answered));
    underWay.add(answered);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;

  async function settled(): Promise<void> {
    // The kernel reports sockets in the order in which they became readable, so when a request sent now has
    // been answered, every earlier one has at least begun.
    const probe = connect(address.port, '127.0.0.1');
    probe.end('GET /settled HTTP/1.0\r\n\r\n').resume();
    await once(probe, 'close');
    await Promise.all(underWay);
  }

  async function close(): Promise<void> {
    collection.stop('The receiver was closed');
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  return {
    ...collection.collected,
    url: `http://127.0.0.1:${address.port}`,
    logs,
    exports,
    settled,
    close,
    [Symbol.asyncDispose]: close,
  };
}
