import { nameOf, ofKind } from './kustomizations.ts';
import type { Deployed } from './kustomizations.ts';
import { asMapping, at, entries, items } from './yaml-files.ts';
import type { Mapping, Value } from './yaml-files.ts';

/** A container of a pod that a document makes. */
export interface Container {
  /** `namespace/name: container`. */
  readonly title: string;
  readonly namespace: string;
  readonly spec: Mapping;
  /** The pod around it. */
  readonly pod: Mapping;
  /** The document that makes the pod. */
  readonly workload: Mapping;
  /** Started before the others, and stopped after them. */
  readonly native: boolean;
}

export const WORKLOADS = ['Deployment', 'DaemonSet', 'StatefulSet'] as const;

export function containersOf(deployed: Deployed): Container[] {
  return ofKind(deployed, ...WORKLOADS).flatMap((workload) => {
    const pod = asMapping(at(workload, 'spec', 'template', 'spec'), nameOf(workload));
    const container =
      (native: boolean) =>
      (spec: Value): Container => ({
        title: `${nameOf(workload)}: ${String(at(spec, 'name'))}`,
        namespace: String(at(workload, 'metadata', 'namespace')),
        spec: asMapping(spec, nameOf(workload)),
        pod,
        workload,
        native,
      });
    return [
      ...items(pod['initContainers']).map(container(true)),
      ...items(pod['containers']).map(container(false)),
    ];
  });
}

export function isCollector({ spec }: Container): boolean {
  return /\/(?:opentelemetry-collector-contrib|aws-otel-collector):/.test(String(spec['image']));
}

/** Names of the variables that a container has, and the values of those that are written out. */
export function environmentOf(
  { spec, namespace }: Container,
  deployed: Deployed,
): Map<string, string | undefined> {
  const own = items(spec['env']).map((variable): [string, string | undefined] => {
    const value = at(variable, 'value');
    return [String(at(variable, 'name')), typeof value === 'string' ? value : undefined];
  });
  const shared = items(spec['envFrom']).flatMap((source) => {
    const map = deployed.maps.get(`${namespace}/${String(at(source, 'configMapRef', 'name'))}`);
    return [...(map?.literals ?? [])];
  });
  return new Map([...shared, ...own]);
}

/** The file that a collector is started with, where the container has it mounted. */
export function configFileOf(container: Container, deployed: Deployed): string | undefined {
  const [, path = ''] = /^--config=(.+)$/.exec(String(items(container.spec['args'])[0])) ?? [];
  const end = path.lastIndexOf('/');
  const name = mountAt(container, path.slice(0, end));
  const volume = items(container.pod['volumes']).find((candidate) => at(candidate, 'name') === name);
  const map = deployed.maps.get(`${container.namespace}/${String(at(volume, 'configMap', 'name'))}`);
  return map?.files.get(path.slice(end + 1));
}

/** The name of the volume that is mounted at a path. */
export function mountAt({ spec }: Container, path: string): string | undefined {
  const mount = items(spec['volumeMounts']).find((candidate) => at(candidate, 'mountPath') === path);
  const name = at(mount, 'name');
  return typeof name === 'string' ? name : undefined;
}

/** Bytes of a volume: of an `emptyDir` with a limit, or of a claim. */
export function volumeBytes({ pod, workload }: Container, name: string): number {
  const volume = items(pod['volumes']).find((candidate) => at(candidate, 'name') === name);
  const claim = items(at(workload, 'spec', 'volumeClaimTemplates')).find(
    (candidate) => at(candidate, 'metadata', 'name') === name,
  );
  return bytesOf(
    at(volume, 'emptyDir', 'sizeLimit') ?? at(claim, 'spec', 'resources', 'requests', 'storage'),
  );
}

/** Names and numbers of the ports that a container declares. */
export function portsOf({ spec }: Container): Map<string, number> {
  return new Map(
    items(spec['ports']).map((port) => [String(at(port, 'name')), Number(at(port, 'containerPort'))]),
  );
}

/** The ports that the probes of a container ask. */
export function probedPorts({ spec }: Container): string[] {
  return entries(spec)
    .filter(([key]) => key.endsWith('Probe'))
    .map(([, probe]) => String(at(probe, 'httpGet', 'port')));
}

/** A quantity of Kubernetes, or of Go: `256Mi`, `200MiB`. Nothing is 0. */
export function bytesOf(quantity: Value | undefined): number {
  const [, digits, unit = ''] = /^(\d+)(Ki|Mi|Gi)B?$/.exec(String(quantity)) ?? [];
  return digits === undefined ? 0 : Number(digits) * 1024 ** ['', 'Ki', 'Mi', 'Gi'].indexOf(unit);
}
