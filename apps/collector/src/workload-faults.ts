import { readCollectorConfig } from './collector-config.ts';
import { environmentVariables } from './environment-variables.ts';
import type { Deployed } from './kustomizations.ts';
import { isLoopback, listeners, portOf } from './listeners.ts';
import { storedBytes } from './queue-faults.ts';
import {
  bytesOf,
  configFileOf,
  containersOf,
  environmentOf,
  isCollector,
  mountAt,
  portsOf,
  probedPorts,
  volumeBytes,
} from './workloads.ts';
import type { Container } from './workloads.ts';
import { at, entries } from './yaml-files.ts';

/** What is wrong with the collectors that a folder starts, one sentence each. */
export function collectorFaults(deployed: Deployed): string[] {
  return containersOf(deployed)
    .filter(isCollector)
    .flatMap((container) =>
      [
        ...startFaults(container, deployed),
        ...sidecarFaults(container),
        ...memoryFaults(container, deployed),
        ...diskFaults(container, deployed),
      ].map((fault) => `${container.title}: ${fault}`),
    );
}

/** What keeps any container of these folders from being one that a careful cluster takes, one sentence each. */
export function securityFaults(deployed: Deployed): string[] {
  return containersOf(deployed).flatMap(({ title, spec, pod }) => {
    const wanted: [string, unknown, unknown][] = [
      ['runs as root', at(pod, 'securityContext', 'runAsNonRoot'), true],
      ['has no seccomp profile', at(pod, 'securityContext', 'seccompProfile', 'type'), 'RuntimeDefault'],
      ['may write to its image', at(spec, 'securityContext', 'readOnlyRootFilesystem'), true],
      ['may get more rights', at(spec, 'securityContext', 'allowPrivilegeEscalation'), false],
      ['has capabilities', JSON.stringify(at(spec, 'securityContext', 'capabilities')), '{"drop":["ALL"]}'],
    ];
    const loose = wanted.filter(([, found, expected]) => found !== expected).map(([fault]) => fault);
    const image = String(spec['image']);
    return [
      ...loose,
      ...(/:[\w.]*\d[\w.]*$/.test(image) ? [] : [`the version of ${image} is open`]),
      ...(bytesOf(at(spec, 'resources', 'limits', 'memory')) > 0 ? [] : ['has no limit of memory']),
    ].map((fault) => `${title}: ${fault}`);
  });
}

function startFaults(container: Container, deployed: Deployed): string[] {
  const file = configFileOf(container, deployed);
  if (file === undefined) return ['its configuration is not mounted'];
  const config = readCollectorConfig([file]);
  const environment = environmentOf(container, deployed);
  const reachable = listeners(config).filter((address) => !isLoopback(address));
  const open = new Set(portsOf(container).values());
  return [
    ...environmentVariables(config.source)
      .filter(({ name, required }) => required && !environment.has(name))
      .map(({ name }) => `${name} is not set`),
    ...reachable
      .filter((address) => !open.has(portOf(address)))
      .map((address) => `${address} is not declared`),
    ...[...open]
      .filter((port) => !reachable.some((address) => portOf(address) === port))
      .map((port) => `nothing listens on ${port}`),
    ...probedPorts(container)
      .filter((port) => !portsOf(container).has(port))
      .map((port) => `a probe asks the port ${port}, which is not declared`),
  ];
}

/** Beside an application a collector must neither hold up its start nor decide whether it is ready. */
function sidecarFaults({ native, spec }: Container): string[] {
  if (!native) return [];
  return [
    ...(spec['restartPolicy'] === 'Always' ? [] : ['the application starts when the collector has ended']),
    ...entries(spec)
      .filter(([key]) => key === 'startupProbe' || key === 'readinessProbe')
      .map(([key]) => `has a ${key}`),
  ];
}

/** Four fifths of the limit at most: the rest is what the process has beside its heap. */
function memoryFaults(container: Container, deployed: Deployed): string[] {
  const file = configFileOf(container, deployed);
  const room = bytesOf(at(container.spec, 'resources', 'limits', 'memory')) * 0.8;
  const collected = bytesOf(environmentOf(container, deployed).get('GOMEMLIMIT'));
  const limiter = file && at(readCollectorConfig([file]).source, 'processors', 'memory_limiter', 'limit_mib');
  return [
    ...(collected > 0 && collected <= room ? [] : ['GOMEMLIMIT is not within 80 % of the memory']),
    ...(Number(limiter) * 1024 ** 2 <= room ? [] : ['memory_limiter is not within 80 % of the memory']),
  ];
}

/** A queue on disk has its volume, with room for it and for the copy that compacts it. */
function diskFaults(container: Container, deployed: Deployed): string[] {
  const file = configFileOf(container, deployed);
  if (file === undefined) return [];
  const config = readCollectorConfig([file]);
  const needed = storedBytes(config);
  if (needed === 0) return [];
  const directory = String(at(config.source, 'extensions', 'file_storage', 'directory'));
  const volume = mountAt(container, directory);
  if (volume === undefined) return [`nothing is mounted at ${directory}`];
  return volumeBytes(container, volume) >= needed * 2
    ? []
    : [`the volume ${volume} is below twice the queues`];
}
