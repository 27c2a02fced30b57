import type { DoctorFinding, DoctorReport, PackageCopy } from './doctor-report.ts';
import { inOrder, isHealthy, problem } from './finding.ts';
import { ALL_INSTRUMENTATIONS, isOtherInstrumentation, pluginOf, TRACEABLE } from './kit-plugins.ts';
import { apiFindings, coreFindings, nodeFinding } from './package-findings.ts';
import {
  distinct,
  installedPackage,
  type Manifest,
  projectFolder,
  readManifest,
} from './packages-on-disk.ts';
import { probeFindings } from './probe-findings.ts';
import { probe } from './probe.ts';
import { propagatorFinding, settingsFindings } from './settings-findings.ts';
import { formatsOf, readSettings, reportedExporters } from './settings.ts';
import { tracedFindings } from './traced-findings.ts';

/**
 * Looks at the packages of the project that the folder is in, and at this process' environment, without running the
 * program: options in code are not seen.
 */
export async function folderDoctor(start: string, isProbing: boolean): Promise<DoctorReport> {
  const folder = projectFolder(start);
  const at = folder ?? start;
  const manifest = (folder !== undefined && readManifest(folder)) || {};
  const asked = { ...manifest.optionalDependencies, ...manifest.dependencies };
  const users = [at, ...packagesWithKit(at, Object.keys(asked))];
  const plugins = distinct(
    users.flatMap((from) => TRACEABLE.map((library) => installedPackage(pluginOf(library), from))),
  );
  const core = distinct(
    [...users, ...plugins.map((plugin) => plugin.folder)].map((from) => installedPackage(CORE, from)),
  );
  const api = apiCopies(at, manifest, [...plugins, ...core]);
  const others = Object.keys(asked);
  const untraced = TRACEABLE.flatMap((library): PackageCopy[] => {
    const installed = library in asked ? installedPackage(library, at) : undefined;
    const isTraced =
      plugins.some(({ name }) => name === pluginOf(library)) ||
      others.some((name) => name === ALL_INSTRUMENTATIONS || isOtherInstrumentation(name, library));
    return installed && !isTraced ? [installed] : [];
  });
  const settings = readSettings();
  // Most programs say it in code, which is not seen here.
  const isNamed = !settings.service.startsWith('unknown_service');
  const traced = { plugins: plugins.map(({ name, version }) => ({ name, version })), instrumentations: [] };
  const otlp = settings.disabled ? undefined : settings.otlp;
  const answer = isProbing && otlp ? await probe(otlp) : undefined;
  const findings = inOrder([
    nodeFinding(process.versions.node),
    ...installationFindings(at, core, api),
    ...settingsFindings(settings, 'folder'),
    propagatorFinding(settings.fields),
    ...tracedFindings({ traced, untraced, isRunning: false }),
    ...(isProbing ? probeFindings(answer) : []),
  ]);
  return {
    healthy: isHealthy(findings),
    view: 'folder',
    folder: at,
    findings,
    node: process.versions.node,
    core,
    api: { copies: api },
    ...(isNamed && { service: settings.service }),
    sampler: settings.sampler,
    propagators: formatsOf(settings.fields),
    exporters: reportedExporters(settings),
    traced,
    untraced,
    ...(answer && { probe: answer.report }),
  };
}

/** Folders of those packages that ask for the kit themselves: a company's own, by which its services are traced. */
function packagesWithKit(folder: string, names: readonly string[]): readonly string[] {
  const kit = [CORE, ...TRACEABLE.map(pluginOf)];
  return names
    .filter((name) => !kit.includes(name))
    .flatMap((name) => installedPackage(name, folder) ?? [])
    .map((copy) => copy.folder)
    .filter((at) => {
      const { dependencies, peerDependencies } = readManifest(at) ?? {};
      return kit.some((name) => name in { ...dependencies, ...peerDependencies });
    });
}

/** Where the API can be: beside the project and the kit, and below the OpenTelemetry packages that these ask for. */
function apiCopies(folder: string, manifest: Manifest, kit: readonly PackageCopy[]): readonly PackageCopy[] {
  const below = [
    { folder, manifest },
    ...kit.map((copy) => ({ folder: copy.folder, manifest: readManifest(copy.folder) })),
  ];
  const telemetry = below.flatMap((place) =>
    Object.keys(place.manifest?.dependencies ?? {})
      .filter((name) => name.startsWith('@opentelemetry/') && name !== API)
      .map((name) => installedPackage(name, place.folder)),
  );
  const folders = [folder, ...[...kit, ...distinct(telemetry).filter(asksForApi)].map((copy) => copy.folder)];
  return distinct(folders.map((from) => installedPackage(API, from)));
}

/** What asks for none would be given that of another service: pnpm's store has one for all. */
function asksForApi(copy: PackageCopy): boolean {
  const { dependencies, peerDependencies } = readManifest(copy.folder) ?? {};
  return API in { ...dependencies, ...peerDependencies };
}

function installationFindings(
  folder: string,
  core: readonly PackageCopy[],
  api: readonly PackageCopy[],
): readonly DoctorFinding[] {
  const [first] = core;
  if (first === undefined) {
    return [
      problem(
        'kit-missing',
        `No @org/tracing package is installed in ${folder}`,
        'Run this in the folder of the program, where its package.json is, after the installation.',
      ),
    ];
  }
  // What core registers with is what all others have to see.
  const registering = installedPackage(API, first.folder);
  return registering === undefined
    ? [
        problem(
          'api-missing',
          `${API} is not installed in ${folder}, and nothing of the kit runs without it`,
          `npm install ${API}`,
        ),
      ]
    : [...coreFindings(core), ...apiFindings(api, registering.version)];
}

const API = '@opentelemetry/api';
const CORE = '@org/tracing-core';
