import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';

import { diag, DiagLogLevel } from '@opentelemetry/api';
import { initTracing, type InitTracingOptions } from '@org/tracing-core';
import { expect, test } from 'vitest';

import { collectSpans, type SpanCollector, spanCollector } from '../collect-spans.ts';
import { traceMatchers } from '../vitest.ts';
import { type HttpServerHarness, listen, type RunningServer, type ServerSetup } from './harness.ts';

/** What one test of the suite works with. All of it is closed when the test is over. */
export interface Trial {
  /** Spans of the whole process, and so of every server that the test starts. */
  readonly spans: SpanCollector;
  readonly scope: HttpServerHarness['scope'];
  /** What has been said at level warning or above. */
  readonly warnings: readonly string[];
  /** Starts a server with the plugin registered once, where `setup` says nothing else. */
  start(setup: Partial<ServerSetup>): Promise<RunningServer>;
  /** Starts a server without any framework or tracing, which notes the headers of its requests. */
  startNextHop(): Promise<{ readonly url: string; readonly headers: readonly IncomingHttpHeaders[] }>;
  /** Sets tracing up by `initTracing`; done already where {@link TrialOptions} says nothing else. */
  initTracing(options?: InitTracingOptions): void;
  /** Shuts tracing down. */
  stopTracing(): Promise<void>;
  /** Sets tracing up as an application does that does not use `initTracing`. */
  useOwnProvider(): void;
}

export interface TrialOptions {
  /** Whether `initTracing` is called before the test. Default: true. */
  readonly tracing?: boolean;
}

/** Registers one test of the suite. */
export type Check = (sentence: string, run: (trial: Trial) => Promise<void>, options?: TrialOptions) => void;

/** Tests for one framework, each followed by what has to hold after every test. */
export function checks(harness: HttpServerHarness): Check {
  expect.extend(traceMatchers);
  return (sentence, run, { tracing = true } = {}) => {
    test(sentence, async () => {
      const { trial, faults, close } = openTrial(harness);
      try {
        if (tracing) trial.initTracing();
        await run(trial);
        expect(await faults()).toEqual([]);
      } finally {
        await close();
      }
    });
  };
}

interface OpenTrial {
  readonly trial: Trial;
  /** Closes the servers. What is wrong then: spans that have ended twice, or that were changed afterwards. */
  faults(): Promise<string[]>;
  close(): Promise<void>;
}

function openTrial(harness: HttpServerHarness): OpenTrial {
  const servers = new Set<RunningServer>();
  const collector = spanCollector();
  const warnings: string[] = [];
  let spans = collector;
  let stopTracing: () => Promise<void> = () => Promise.resolve();

  async function closeServers(): Promise<void> {
    await Promise.all([...servers].map((server) => server.close()));
    servers.clear();
  }

  const trial: Trial = {
    get spans() {
      return spans;
    },
    scope: harness.scope,
    warnings,
    async start(setup) {
      const server = await harness.start({
        registrations: 1,
        options: undefined,
        routes: [],
        parseJson: (text) => JSON.parse(text) as unknown,
        onError: undefined,
        ...setup,
      });
      servers.add(server);
      return {
        ...server,
        // What is closed is let go.
        close: () => (servers.delete(server) ? server.close() : Promise.resolve()),
      };
    },
    async startNextHop() {
      const headers: IncomingHttpHeaders[] = [];
      const answer = (request: IncomingMessage, response: ServerResponse): void => {
        headers.push(request.headers);
        response.end();
      };
      const server = await listen(createServer(answer));
      servers.add(server);
      return { url: server.url, headers };
    },
    initTracing(options) {
      const { processor } = collector;
      const handle = initTracing({
        serviceName: 'contract',
        spanProcessors: [processor],
        exporter: 'none',
        ...options,
      });
      stopTracing = () => handle.shutdown();
      noteWarnings(warnings);
    },
    stopTracing: () => stopTracing(),
    useOwnProvider() {
      const own = collectSpans({ serviceName: 'contract' });
      spans = own;
      stopTracing = () => own.close();
      noteWarnings(warnings);
    },
  };

  return {
    trial,
    async faults() {
      await closeServers();
      await spans.settled();
      const { started, ended } = spans;
      // The SDK ignores what is done to a span after its end, a second end above all, and tells only `diag`.
      const complaints = warnings.filter((message) => /ended span|end\(\) on a span once/i.test(message));
      return ended === started ? complaints : [...complaints, `${started} spans started, ${ended} ended`];
    },
    async close() {
      await closeServers();
      await stopTracing();
      diag.disable();
    },
  };
}

function noteWarnings(warnings: string[]): void {
  const note = (message: string): void => void warnings.push(message);
  const logger = { error: note, warn: note, info: note, debug: note, verbose: note };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}
