import { inspect } from 'node:util';

import { registeredVersion } from '../sdk/globals.ts';
import { sharedState } from '../shared-state.ts';
import type { TracingReport } from '../tracing-report.ts';
import type { DoctorFinding, DoctorReport, JsonOf, PackageCopy } from './doctor-report.ts';
import { inOrder, isHealthy, note } from './finding.ts';
import { isOtherInstrumentation, LOGGERS, pluginOf, TRACEABLE } from './kit-plugins.ts';
import { lateFindings, lateVariables, telemetryVariables, withEnvironment } from './late-variables.ts';
import { noteCopy, noted } from './noted.ts';
import { apiFindings, coreFindings, nodeFinding } from './package-findings.ts';
import { distinct, loadedPackages } from './packages-on-disk.ts';
import { probeFindings } from './probe-findings.ts';
import { probe } from './probe.ts';
import { processFacts, processFindings } from './process-facts.ts';
import { propagatorFinding, settingsFindings } from './settings-findings.ts';
import { formatsOf, readSettings, reportedExporters } from './settings.ts';
import { spanFindings } from './span-findings.ts';
import { loggerFindings, tracedFindings } from './traced-findings.ts';

/** What the doctor may do. */
export interface DoctorOptions {
  /** Sends one empty export to the collector, for 5 seconds at most, and tells what came of it. Default: sends nothing. */
  readonly probe?: boolean;
}

const RUNNING = Symbol.for('@org/tracing.running');

/** The handle may be that of another copy, which has no report. */
interface Running {
  readonly handle: { report?(): TracingReport };
}

/**
 * Looks at the tracing of this process: what is registered with OpenTelemetry and by whom, which copies of packages are
 * loaded, what is traced and what is not, where spans go and what became of them. It changes nothing, and makes no spans.
 *
 * It reads what is loaded from disk, so it is for a route of the operator's or a signal, not for every request.
 *
 * @throws {TypeError} Where an option is wrong; for no other reason does the promise reject.
 * @example
 * app.get('/internal/tracing', async () => formatDoctorReport(await doctor({ probe: true })));
 */
export async function doctor(options: DoctorOptions = {}): Promise<DoctorReport> {
  const { probe: isProbing = false } = options;
  if (typeof isProbing !== 'boolean') {
    throw new TypeError(`doctor: "probe" must be a boolean; got ${inspect(isProbing)}`);
  }
  noteCopy();
  const running = (globalThis as { [RUNNING]?: Running })[RUNNING];
  const { options: given, environment = telemetryVariables() } = sharedState().setUp ?? {};
  const settings = withEnvironment(environment, () => readSettings(given));
  const facts = processFacts();
  // A provider of the application's own has read no option of ours.
  const isOurs = facts.provider.setBy !== 'application';
  const fields = running ? facts.fields : settings.fields;
  const registered = registeredVersion();
  const packages = packagesInUse();
  const spans = isOurs && !settings.disabled ? running?.handle.report?.() : undefined;
  const traced = {
    outgoingHttp: running !== undefined && given?.outgoingHttp !== false,
    plugins: [...noted().plugins].map(([name, version]) => ({ name, version })),
    instrumentations: (given?.instrumentations ?? []).map(({ instrumentationName }) => instrumentationName),
  };
  const untraced = packages.traceable.filter(
    ({ name }) =>
      !noted().plugins.has(pluginOf(name)) &&
      ![...traced.instrumentations, ...packages.others].some((other) => isOtherInstrumentation(other, name)),
  );
  const loggers = [...noted().loggers.keys()];
  const otlp = isOurs && !settings.disabled ? settings.otlp : undefined;
  const answer = isProbing && otlp ? await probe(otlp) : undefined;

  const findings: readonly DoctorFinding[] = inOrder([
    nodeFinding(process.versions.node),
    ...coreFindings(packages.core),
    ...apiFindings(packages.api, registered),
    ...(packages.api.length === 0 ? [UNSEEN] : []),
    ...processFindings(facts, running !== undefined, settings.disabled),
    ...(isOurs
      ? [...lateFindings(lateVariables(environment)), ...settingsFindings(settings, 'process')]
      : []),
    propagatorFinding(fields),
    ...tracedFindings({ traced, untraced, isRunning: true, isOutgoingOff: given?.outgoingHttp === false }),
    ...loggerFindings(
      loggers,
      packages.loggers.map(({ name }) => name),
    ),
    ...(spans ? spanFindings(spans) : []),
    ...(isProbing ? probeFindings(answer) : []),
  ]);
  return {
    healthy: isHealthy(findings),
    view: 'process',
    folder: process.cwd(),
    findings,
    node: process.versions.node,
    core: packages.core,
    api: {
      ...(registered !== undefined && { registered }),
      copies: packages.api,
    },
    ...(isOurs && { service: settings.service, sampler: settings.sampler }),
    propagators: formatsOf(fields),
    ...(isOurs && { exporters: reportedExporters(settings) }),
    traced,
    untraced,
    loggers,
    provider: facts.provider,
    contextManager: facts.contextManager,
    propagator: facts.propagator,
    ...(spans && { spans: JSON.parse(JSON.stringify(spans)) as JsonOf<TracingReport> }),
    ...(answer && { probe: answer.report }),
  };
}

interface PackagesInUse {
  readonly core: readonly PackageCopy[];
  readonly api: readonly PackageCopy[];
  readonly traceable: readonly PackageCopy[];
  /** Names of instrumentations of others. */
  readonly others: readonly string[];
  readonly loggers: readonly PackageCopy[];
}

function packagesInUse(): PackagesInUse {
  const loaded = loadedPackages(
    (name) =>
      name === API ||
      TRACEABLE.some((library) => name === library || isOtherInstrumentation(name, library)) ||
      LOGGERS.includes(name),
  );
  const core = [...noted().copies].map(([folder, version]) => ({ name: CORE, version, folder }));
  return {
    core: distinct(core),
    api: loaded.filter(({ name }) => name === API),
    traceable: loaded.filter(({ name }) => TRACEABLE.includes(name)),
    others: loaded.map(({ name }) => name),
    loggers: loaded.filter(({ name }) => LOGGERS.includes(name)),
  };
}

/** Whoever runs this has loaded the API. */
const UNSEEN = note(
  'packages-unseen',
  'Packages leave no mark in this process, as in a bundle: copies of them, and libraries without their plugin, are not seen',
);

const API = '@opentelemetry/api';
const CORE = '@org/tracing-core';
