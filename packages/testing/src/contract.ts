import { describe } from 'vitest';

import { capturedHeaderTests } from './contract/captured-headers.ts';
import { concurrencyTests } from './contract/concurrency.ts';
import { contextTests } from './contract/context.ts';
import { endingTests } from './contract/endings.ts';
import { errorTests } from './contract/errors.ts';
import { exclusionTests } from './contract/exclusion.ts';
import type { HttpServerHarness } from './contract/harness.ts';
import { hookTests } from './contract/hooks.ts';
import { injectTests, setUpTests } from './contract/set-up.ts';
import { metricTests } from './contract/metrics.ts';
import { optionTests } from './contract/options.ts';
import { requestIdReachTests } from './contract/request-id-reach.ts';
import { requestIdTests } from './contract/request-id.ts';
import { responseTests } from './contract/responses.ts';
import { spanTests } from './contract/spans.ts';
import { traceContextTests } from './contract/trace-context.ts';
import { checks } from './contract/trial.ts';

export {
  type Exchange,
  type HttpServerHarness,
  listen,
  type Reply,
  type Route,
  type RunningServer,
  type ServerSetup,
} from './contract/harness.ts';
export { type RegisteredPlugin, testRegisteredPlugin } from './contract/registered.ts';
export { randomPaths, type RandomPaths } from './contract/random-paths.ts';

/**
 * Registers the tests that every HTTP plugin has to pass. They run against real servers of the framework on
 * 127.0.0.1; after each, every span that was started has ended, once.
 *
 * @example
 * testHttpServer({ name: 'koa 3', scope: { name: '@org/tracing-koa', version }, start: startKoa });
 */
export function testHttpServer(harness: HttpServerHarness): void {
  const check = checks(harness);
  describe(`contract: ${harness.name}`, () => {
    spanTests(check);
    errorTests(check);
    contextTests(check);
    endingTests(check);
    responseTests(check);
    concurrencyTests(check);
    exclusionTests(check);
    hookTests(check);
    capturedHeaderTests(check);
    optionTests(check);
    metricTests(check);
    traceContextTests(check);
    requestIdTests(check);
    requestIdReachTests(check);
    setUpTests(check);
    if (harness.injects) injectTests(check);
  });
}
