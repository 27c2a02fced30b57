import { readCollectorConfig } from './collector-config.ts';
import { nameOf, ofKind, selects } from './kustomizations.ts';
import type { Deployed } from './kustomizations.ts';
import { listeners } from './listeners.ts';
import { configFileOf, containersOf, environmentOf, isCollector, portsOf } from './workloads.ts';
import type { Container } from './workloads.ts';
import { at, items } from './yaml-files.ts';
import type { Mapping } from './yaml-files.ts';

/** Services that lead nowhere, one sentence each. */
export function serviceFaults(deployed: Deployed): string[] {
  return ofKind(deployed, 'Service').flatMap((service) => {
    const behind = containersBehind(service, deployed);
    if (behind.length === 0) return [`${nameOf(service)} selects no pod`];
    const declared = new Set(behind.flatMap((container) => [...portsOf(container).keys()]));
    return items(at(service, 'spec', 'ports'))
      .map((port) => String(at(port, 'targetPort')))
      .filter((port) => !declared.has(port))
      .map((port) => `${nameOf(service)}: no container declares the port ${port}`);
  });
}

/**
 * What the applications are told of tracing: `OTEL_EXPORTER_OTLP_ENDPOINT` alone, with an address on which a collector of
 * `cluster` listens. One sentence for each that is told more, or told wrong.
 */
export function applicationFaults(applications: Deployed, cluster: Deployed): string[] {
  return containersOf(applications)
    .filter((container) => !isCollector(container))
    .flatMap((container) => {
      const environment = environmentOf(container, applications);
      const told = [...environment.keys()].filter((name) => /^(?:OTEL|LOG|TRACING)_/.test(name));
      const endpoint = environment.get('OTEL_EXPORTER_OTLP_ENDPOINT') ?? '';
      return [
        ...told.filter((name) => name !== 'OTEL_EXPORTER_OTLP_ENDPOINT').map((name) => `is told ${name} too`),
        ...(isReached(endpoint, container, applications, cluster) ? [] : [`nothing listens on ${endpoint}`]),
      ].map((fault) => `${container.title}: ${fault}`);
    });
}

function isReached(
  endpoint: string,
  { workload }: Container,
  applications: Deployed,
  cluster: Deployed,
): boolean {
  if (!URL.canParse(endpoint)) return false;
  const { hostname, port } = new URL(endpoint);
  if (hostname === 'localhost') {
    const beside = containersOf(applications).filter(
      (other) => other.workload === workload && isCollector(other),
    );
    return beside.some((collector) => {
      const file = configFileOf(collector, applications);
      return file !== undefined && listeners(readCollectorConfig([file])).includes(`127.0.0.1:${port}`);
    });
  }
  const [name = '', namespace = ''] = hostname.split('.');
  return ofKind(cluster, 'Service')
    .filter((service) => nameOf(service) === `${namespace}/${name}`)
    .some((service) => items(at(service, 'spec', 'ports')).some((open) => at(open, 'port') === Number(port)));
}

function containersBehind(service: Mapping, deployed: Deployed): Container[] {
  return containersOf(deployed).filter(({ workload, namespace }) => {
    const labels = at(workload, 'spec', 'template', 'metadata', 'labels');
    return (
      namespace === at(service, 'metadata', 'namespace') && selects(at(service, 'spec', 'selector'), labels)
    );
  });
}
