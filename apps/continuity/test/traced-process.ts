import {
  type OtlpReceiver,
  type ServiceOptions,
  type ServiceProcess,
  startService,
} from '@org/tracing-testing';

/** A loaded machine takes some seconds to start a process. */
const TIMEOUT_MILLIS = 30_000;

/** Starts a service that sends its spans to `receiver`. Variables of whoever runs the tests do not reach it. */
export function startTraced(
  receiver: OtlpReceiver,
  { env, ...options }: ServiceOptions,
): Promise<ServiceProcess> {
  return startService({
    timeoutMillis: TIMEOUT_MILLIS,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, HOST: undefined, LOG_LEVEL: undefined, ...env },
    ...options,
  });
}

/**
 * Stops services so that they send what they hold: when this resolves, no more comes.
 *
 * @throws Error with the output of a service that does not end well.
 */
export async function stopTraced(receiver: OtlpReceiver, services: readonly ServiceProcess[]): Promise<void> {
  for (const service of services) {
    const { code, signal } = await service.stop();
    if (code !== 0) throw new Error(`${service.url} ended with ${code ?? signal}:\n${service.stderr}`);
  }
  await receiver.settled();
}
