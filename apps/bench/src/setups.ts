/** A tracer, or none, as the services are started with it. */
export interface SetupChoice {
  readonly name: string;
  readonly execArgv?: readonly string[];
  /** Beside `OTEL_EXPORTER_OTLP_ENDPOINT`, `BENCH_DSN` and `DD_TRACE_AGENT_URL`, which all have. */
  readonly env?: Readonly<Record<string, string>>;
  /** The part of the requests that it is sent. Default: 1, all. */
  readonly share?: number;
  /** What a reader must know to compare it. */
  readonly note?: string;
}

const CHOICES: readonly SetupChoice[] = [
  { name: 'untraced' },
  { name: 'floor', note: 'AsyncLocalStorage.run around each request, and nothing else' },
  { name: 'kit' },
  { name: 'kit-unsampled', note: 'samplerRatio: 0' },
  { name: 'kit-excluded', note: 'excludedUrls names the route' },
  { name: 'kit-layers', note: 'layers: true' },
  { name: 'stock' },
  { name: 'stock-http-only', note: 'instrumentation-http alone: spans without http.route' },
  {
    name: 'auto',
    execArgv: ['--require', '@opentelemetry/auto-instrumentations-node/register'],
    // Traces alone; and no resource is asked of a cloud over the network.
    env: {
      OTEL_SERVICE_NAME: 'bench',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process,serviceinstance',
    },
    note: 'without metrics, logs and cloud detectors',
  },
  {
    name: 'dd-trace',
    execArgv: ['--require', 'dd-trace/init'],
    // Traces alone, and all of them.
    env: {
      DD_SERVICE: 'bench',
      DD_TRACE_RATE_LIMIT: '1000000',
      DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
      DD_REMOTE_CONFIGURATION_ENABLED: 'false',
      DD_CRASHTRACKING_ENABLED: 'false',
      DD_TRACE_STARTUP_LOGS: 'false',
    },
    note: 'without telemetry, remote configuration and crash tracking',
  },
  { name: 'sentry', share: 0.25, note: 'tracesSampleRate: 1' },
];

/** @throws Error where there is none of that name. */
export function setupNamed(name: string): SetupChoice {
  const found = CHOICES.find((choice) => choice.name === name);
  if (found === undefined) throw new Error(`no set-up "${name}"`);
  return found;
}

/** Those of these names, in this order. */
export function setupsNamed(names: readonly string[]): SetupChoice[] {
  return names.map(setupNamed);
}
