import type { TracingReport } from '../tracing-report.ts';
import type { OtlpProtocol } from '../sdk/otlp-settings.ts';

/** One thing that the doctor has looked at. */
export interface DoctorFinding {
  /** `problem`: spans are lost, or never made. `note`: may be meant, may be why. `ok`: as it should be. */
  readonly level: 'note' | 'ok' | 'problem';
  /** Stays the same from version to version, for programs: `probe-refused`. */
  readonly code: string;
  /** What is so. */
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** A package in a folder. */
export interface PackageCopy {
  readonly name: string;
  readonly version: string;
  /** `bundle` where it has no folder of its own. */
  readonly folder: string;
}

/** What is registered with the OpenTelemetry API, and by whom. */
export interface Registered {
  readonly setBy: 'application' | 'initTracing' | 'nobody';
  /** The class; undefined where nothing is registered. */
  readonly name?: string;
}

/** A way out for spans. */
export interface ReportedExporter {
  /** `otlp`, `console`, or the class of one of the application's own. */
  readonly name: string;
  /** Where OTLP sends, without credentials and query. */
  readonly url?: string;
  readonly protocol?: OtlpProtocol;
}

/** What came of asking the collector. */
export interface ProbeReport {
  readonly url: string;
  /** Whether a connection was made. */
  readonly connected: boolean;
  /** HTTP status of the answer; undefined where there was none, and for gRPC, where a connection is all that is tried. */
  readonly status?: number;
  readonly millis: number;
  /** Why there was no answer. */
  readonly error?: string;
}

/** What `doctor` has found. It is plain data: `JSON.stringify` keeps all of it, and it holds no header and no credential. */
export interface DoctorReport {
  /** Whether there is no problem among the findings. */
  readonly healthy: boolean;
  /** Where it looked: in the running process, or at the packages of a folder and the environment. */
  readonly view: 'folder' | 'process';
  /** Working directory of the process, or the folder. */
  readonly folder: string;
  /** Problems first, then notes, then what is well. */
  readonly findings: readonly DoctorFinding[];
  /** Version of Node. */
  readonly node: string;
  /** Copies of `@org/tracing-core`. */
  readonly core: readonly PackageCopy[];
  /** Copies of `@opentelemetry/api`, and the version that is registered in the process. */
  readonly api: { readonly registered?: string; readonly copies: readonly PackageCopy[] };
  /** `service.name`; undefined where the provider is the application's own. */
  readonly service?: string;
  /** As the sampler describes itself; undefined where the provider is the application's own. */
  readonly sampler?: string;
  /** Formats in which context travels, `OTEL_PROPAGATORS`' names where they have one. */
  readonly propagators: readonly string[];
  /** Undefined where the provider is the application's own. */
  readonly exporters?: readonly ReportedExporter[];
  /** What makes spans. */
  readonly traced: {
    /** Whether outgoing calls do; undefined for a folder, which does not tell. */
    readonly outgoingHttp?: boolean;
    /** Plugins of the kit that are registered in the process, or installed in the folder. */
    readonly plugins: readonly { readonly name: string; readonly version: string }[];
    /** Upstream's instrumentations that `initTracing` was given. */
    readonly instrumentations: readonly string[];
  };
  /** Libraries that the kit has a plugin for, which are loaded, or asked for, without it. */
  readonly untraced: readonly PackageCopy[];
  /** Loggers whose lines have trace ids; in a process alone. */
  readonly loggers?: readonly string[];
  /** In a process alone. */
  readonly provider?: Registered;
  /** In a process alone. */
  readonly contextManager?: Registered;
  /** Who set the propagators; in a process alone. */
  readonly propagator?: Registered;
  /** In a process where the kit exports. Times are ISO 8601. */
  readonly spans?: JsonOf<TracingReport>;
  /** Where it was asked for and there is something to ask. */
  readonly probe?: ProbeReport;
}

/** What is left of a type in JSON. */
export type JsonOf<T> = T extends Date
  ? string
  : T extends object
    ? { readonly [Key in keyof T]: JsonOf<T[Key]> }
    : T;
