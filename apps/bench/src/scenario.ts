/** What one set-up showed in one scenario. */
export interface Measurement {
  /** `untraced`, `floor` (AsyncLocalStorage alone), `kit`, `stock`, `auto`, `dd-trace`, `sentry`, or what a scenario compares. */
  readonly setup: string;
  /** One value for each round, in the unit of the scenario. */
  readonly values: readonly number[];
  /** Spans delivered to the sink for each request, where requests are made. */
  readonly spansPerRequest?: number;
  /** What a reader must know to compare it: other content, other spans. */
  readonly note?: string;
}

export interface ScenarioResult {
  /** `fastify-get` */
  readonly name: string;
  /** Heading in docs/performance.md. */
  readonly title: string;
  /** One plain paragraph: what was measured, and how. */
  readonly text: string;
  readonly unit: 'µs' | 'ms' | 'MB' | 'KB' | 'B' | 'packages';
  /** Whether the values are compared beyond those of the set-up `untraced`. */
  readonly beyondUntraced: boolean;
  readonly measurements: readonly Measurement[];
}

export interface BenchSettings {
  /** Whether all is smaller, to see that it runs. */
  readonly quick: boolean;
  /** Path of the Node that runs what is measured. */
  readonly node: string;
  readonly say: (line: string) => void;
}

export interface Scenario {
  /** For `--only`. */
  readonly name: string;
  run(settings: BenchSettings): Promise<ScenarioResult | readonly ScenarioResult[]>;
}
