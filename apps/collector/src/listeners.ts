import type { CollectorConfig } from './collector-config.ts';
import { at, entries, isMapping, items } from './yaml-files.ts';
import type { Value } from './yaml-files.ts';

/** Each address on which the collector listens, as its configuration writes it: `127.0.0.1:4318`. */
export function listeners(config: CollectorConfig): string[] {
  const telemetry = at(config.source, 'service', 'telemetry', 'metrics');
  return [
    ...config.components('receivers').flatMap(([, options]) => endpointsIn(at(options, 'protocols'))),
    ...config.components('extensions').flatMap(([, options]) => ownEndpoint(options)),
    ...(at(telemetry, 'level') === 'none' ? [] : telemetryListeners(telemetry)),
  ];
}

/** Whether only the machine, the pod or the task itself reaches the address. */
export function isLoopback(address: string): boolean {
  return /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\]):\d+$/.test(address);
}

export function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}

function endpointsIn(protocols: Value | undefined): string[] {
  return entries(protocols).flatMap(([, options]) => ownEndpoint(options));
}

function ownEndpoint(options: Value): string[] {
  const endpoint = isMapping(options) ? options['endpoint'] : undefined;
  return typeof endpoint === 'string' ? [endpoint] : [];
}

/** Without a reader the collector has one on localhost:8888. */
function telemetryListeners(telemetry: Value | undefined): string[] {
  const readers = at(telemetry, 'readers');
  if (readers === undefined) return ['localhost:8888'];
  return items(readers).flatMap((reader) => {
    const exporter = at(reader, 'pull', 'exporter', 'prometheus');
    return exporter === undefined ? [] : `${String(at(exporter, 'host'))}:${String(at(exporter, 'port'))}`;
  });
}
