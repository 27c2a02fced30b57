import { createRequire } from 'node:module';

import { expect, test } from 'vitest';

import { KUSTOMIZATIONS, ofKind, readKustomization } from '../src/kustomizations.ts';
import type { Deployed } from '../src/kustomizations.ts';
import { applicationFaults, serviceFaults } from '../src/reach-faults.ts';
import { kubernetesDocument, typeErrors } from '../src/typed-documents.ts';
import { collectorFaults, securityFaults } from '../src/workload-faults.ts';
import { readDocuments } from '../src/yaml-files.ts';
import type { Mapping } from '../src/yaml-files.ts';
import type { Loose } from './broken.ts';

const loadModels: (module: string) => Models = createRequire(import.meta.url);

const application: Deployed = {
  folder: 'kubernetes/daemonset/app.yaml',
  documents: readDocuments('kubernetes/daemonset/app.yaml'),
  maps: new Map(),
};
const all = [...KUSTOMIZATIONS.map(readKustomization), application];

test('each manifest is of its type of Kubernetes, without a property that the type does not know', () => {
  const documents = all.flatMap((deployed) => deployed.documents).map(kubernetesDocument);
  expect(documents.length).toBeGreaterThan(15);
  expect(typeErrors(documents)).toEqual(documents.map(() => []));
});

test('each manifest fits the schema of Kubernetes', () => {
  for (const document of all.flatMap((deployed) => deployed.documents)) {
    expect(schemaFault(document), String(document['kind'])).toBeUndefined();
  }
});

test('a property of another name is told of, and so are one that is missing and one of another type', () => {
  const wrong = [
    changed(application, 'Deployment', (container) => Object.assign(container, { imge: 'x' })),
    changed(application, 'Deployment', (container) => delete container['name']),
    changed(application, 'Deployment', (container) => Object.assign(container, { ports: '3000' })),
    changed(application, 'Deployment', () => undefined),
  ].map(({ documents: [document] }) => document as Mapping);
  const [unknown, missing, other, right] = typeErrors(wrong.map(kubernetesDocument)).map(String);
  expect(unknown).toContain('"imge"\' does not exist');
  expect(missing).toContain('Property \'"name"\' is missing');
  expect(other).toContain("Type 'string' is not assignable");
  expect(right).toBe('');
  expect(schemaFault(wrong[1] as Mapping)).toContain('name');
  expect(schemaFault(wrong[2] as Mapping)).toContain('array');
});

test.each(KUSTOMIZATIONS)('the collectors of %s have what their configurations want', (folder) => {
  expect(collectorFaults(readKustomization(folder))).toEqual([]);
});

test.each(all)(
  'each container of $folder runs without rights, on a version that is said, within a limit',
  (deployed) => {
    expect(securityFaults(deployed)).toEqual([]);
  },
);

test('each service leads to a port, and each application is told of one and nothing else', () => {
  for (const deployed of all) expect(serviceFaults(deployed)).toEqual([]);
  const [sidecar, daemonset, gateway] = KUSTOMIZATIONS.map(readKustomization) as [
    Deployed,
    Deployed,
    Deployed,
  ];
  expect(applicationFaults(sidecar, sidecar)).toEqual([]);
  expect(applicationFaults(application, daemonset)).toEqual([]);
  expect(applicationFaults(application, gateway)).toEqual([
    'shop/shop: shop: nothing listens on http://collector.observability.svc:4318',
  ]);
});

test('the collector of a node may read pods and namespaces, and nothing else', () => {
  const [role] = ofKind(readKustomization('kubernetes/daemonset'), 'ClusterRole');
  expect(role?.['rules']).toEqual([
    { apiGroups: [''], resources: ['pods', 'namespaces'], verbs: ['get', 'list', 'watch'] },
  ]);
});

test('what the nodes and the sidecars send to is the service of the gateway', () => {
  const [sidecar, daemonset] = KUSTOMIZATIONS.map(readKustomization);
  const settings = [
    sidecar?.maps.get('shop/shop-collector-settings'),
    daemonset?.maps.get('observability/collector-settings'),
  ];
  for (const map of settings) {
    expect([...(map?.literals ?? [])]).toEqual([
      ['COLLECTOR_EXPORT_ENDPOINT', 'http://gateway.observability.svc:4318'],
    ]);
  }
});

const SIDECAR = 'shop/shop: collector';

test.each<[string, (container: Loose, pod: Loose) => void, string[]]>([
  [
    'a probe for which the application would wait',
    (container) => Object.assign(container, { startupProbe: { httpGet: { path: '/', port: 'health' } } }),
    ['has a startupProbe'],
  ],
  [
    'a probe that would take the pod out of service',
    (container) => Object.assign(container, { readinessProbe: { httpGet: { path: '/', port: 'health' } } }),
    ['has a readinessProbe'],
  ],
  [
    'an init container that has to end first',
    (container) => delete container['restartPolicy'],
    ['the application starts when the collector has ended'],
  ],
  [
    'a variable that nobody sets',
    (container) => delete container['envFrom'],
    ['COLLECTOR_EXPORT_ENDPOINT is not set'],
  ],
  [
    'a port that is not declared, though a probe asks it',
    (container) => Object.assign(container, { ports: [{ name: 'metrics', containerPort: 8888 }] }),
    ['${env:POD_IP}:13133 is not declared', 'a probe asks the port health, which is not declared'],
  ],
  [
    'a port on which nothing listens',
    (container) =>
      Object.assign(container, {
        ports: [
          { name: 'health', containerPort: 13133 },
          { name: 'metrics', containerPort: 8888 },
          { name: 'otlp', containerPort: 4318 },
        ],
      }),
    ['nothing listens on 4318'],
  ],
  [
    'less memory than the configuration takes',
    (container) => Object.assign(container, { resources: { limits: { memory: '128Mi' } } }),
    ['GOMEMLIMIT is not within 80 % of the memory', 'memory_limiter is not within 80 % of the memory'],
  ],
  [
    'a configuration that is not mounted',
    (container) => Object.assign(container, { volumeMounts: [] }),
    ['its configuration is not mounted', 'memory_limiter is not within 80 % of the memory'],
  ],
  [
    'a queue without its volume',
    (container) =>
      Object.assign(container, { volumeMounts: [{ name: 'collector-config', mountPath: '/etc/otelcol' }] }),
    ['nothing is mounted at /var/lib/otelcol/storage'],
  ],
  [
    'a queue that is larger than its volume',
    (_container, pod) => Object.assign(pod['volumes']?.['1'] ?? {}, { emptyDir: { sizeLimit: '200Mi' } }),
    ['the volume collector-storage is below twice the queues'],
  ],
])('a collector is told of: %s', (_what, change, faults) => {
  const wrong = changed(readKustomization('kubernetes/sidecar'), 'Deployment', change, 'initContainers');
  expect(collectorFaults(wrong)).toEqual(faults.map((fault) => `${SIDECAR}: ${fault}`));
});

test.each<[string, (container: Loose, pod: Loose) => void, string]>([
  ['root', (_container, pod) => delete pod['securityContext']?.['runAsNonRoot'], 'runs as root'],
  [
    'no seccomp',
    (_container, pod) => delete pod['securityContext']?.['seccompProfile'],
    'has no seccomp profile',
  ],
  [
    'a disk to write to',
    ({ securityContext }) => delete securityContext?.['readOnlyRootFilesystem'],
    'may write to its image',
  ],
  [
    'escalation',
    ({ securityContext }) => delete securityContext?.['allowPrivilegeEscalation'],
    'may get more rights',
  ],
  ['capabilities', ({ securityContext }) => delete securityContext?.['capabilities'], 'has capabilities'],
  [
    'the latest of an image',
    (container) => Object.assign(container, { image: 'ghcr.io/example/shop:latest' }),
    'the version of ghcr.io/example/shop:latest is open',
  ],
  ['no limit', (container) => delete container['resources'], 'has no limit of memory'],
])('a container is told of: %s', (_what, change, fault) => {
  expect(securityFaults(changed(application, 'Deployment', change))).toEqual([`shop/shop: shop: ${fault}`]);
});

test('a service without pods or ports is told of, and so is an application that is told too much', () => {
  const daemonset = readKustomization('kubernetes/daemonset');
  const renamed = changed(daemonset, 'DaemonSet', (container) => Object.assign(container, { ports: [] }));
  expect(serviceFaults(renamed)).toEqual([
    'observability/collector: no container declares the port otlp-grpc',
    'observability/collector: no container declares the port otlp-http',
  ]);
  const alone = { ...daemonset, documents: daemonset.documents.filter(({ kind }) => kind === 'Service') };
  expect(serviceFaults(alone)).toEqual(['observability/collector selects no pod']);
  const told = changed(application, 'Deployment', (container) =>
    Object.assign(container, {
      env: [
        { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://localhost:4318' },
        { name: 'OTEL_TRACES_SAMPLER', value: 'always_on' },
      ],
    }),
  );
  expect(applicationFaults(told, daemonset)).toEqual([
    'shop/shop: shop: is told OTEL_TRACES_SAMPLER too',
    'shop/shop: shop: nothing listens on http://localhost:4318',
  ]);
});

/** A copy in which the first container of a kind of document is changed. */
function changed(
  deployed: Deployed,
  kind: string,
  change: (container: Loose, pod: Loose) => void,
  list = 'containers',
): Deployed {
  const documents = structuredClone(deployed.documents);
  const document = documents.find((candidate) => candidate['kind'] === kind) as unknown as Loose;
  const pod = document['spec']?.['template']?.['spec'];
  const container = pod?.[list]?.['0'];
  if (!pod || !container) throw new Error(`no ${kind} with ${list}`);
  change(container, pod);
  return { ...deployed, documents };
}

/** What the schema of the document's kind says against it. */
function schemaFault(document: Mapping): string | undefined {
  const models = loadModels(`kubernetes-models/${String(document['apiVersion'])}`);
  const Model = models[String(document['kind'])];
  if (Model === undefined) return `there is no ${String(document['kind'])}`;
  try {
    new Model(document).validate();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

type Models = Readonly<Record<string, new (document: Mapping) => { validate(): void }>>;
