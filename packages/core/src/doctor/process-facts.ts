import type { TextMapPropagator, TracerProvider } from '@opentelemetry/api';

import { isRegisteredHere, registeredGlobal } from '../sdk/globals.ts';
import type { DoctorFinding, Registered } from './doctor-report.ts';
import { note, ok, problem } from './finding.ts';

/** What is registered with the API, by whomever. */
export interface ProcessFacts {
  readonly provider: Registered;
  readonly contextManager: Registered;
  readonly propagator: Registered;
  /** Header fields in which context travels. */
  readonly fields: readonly string[];
}

/** Asks the API's registry. */
export function processFacts(): ProcessFacts {
  const propagator = registeredGlobal('propagation') as TextMapPropagator | undefined;
  return {
    provider: describe(registeredProvider()),
    contextManager: describe(registeredGlobal('context')),
    propagator: describe(propagator),
    fields: fieldsOf(propagator),
  };
}

/** What that means. `isCalled` is whether `initTracing` has been called, and not been shut down. */
export function processFindings(
  facts: ProcessFacts,
  isCalled: boolean,
  isDisabled: boolean,
): DoctorFinding[] {
  const found: DoctorFinding[] = [];
  const { provider, contextManager, propagator } = facts;
  if (!isCalled) {
    const message = 'initTracing has not been called in this process, or has been shut down';
    const advice = 'Call it once at the start of the program, in each process and worker thread.';
    found.push(
      provider.setBy === 'nobody'
        ? problem('not-started', `${message}: no span is made`, advice)
        : note('not-started', `${message}; a provider of the application's is registered`, advice),
    );
  } else if (provider.setBy === 'nobody' && !isDisabled) {
    found.push(
      problem(
        'provider-none',
        'The tracer provider of initTracing has been taken away: no span is made',
        'Look for `trace.disable()` in the program.',
      ),
    );
  } else if (provider.setBy === 'application') {
    found.push(
      note(
        'provider-application',
        `The tracer provider is the application's own, ${provider.name}: its sampler, resource and exporter decide`,
        'To have those of initTracing, call it before anything else registers a provider.',
      ),
    );
  } else if (provider.setBy === 'initTracing') {
    found.push(ok('provider', 'The tracer provider is that of initTracing'));
  }
  if (contextManager.setBy === 'nobody' && provider.setBy !== 'nobody') {
    found.push(
      problem(
        'context-none',
        'No context manager is registered: no span knows its parent',
        'Let initTracing register it, or register one beside the provider; look for `context.disable()`.',
      ),
    );
  }
  if (propagator.setBy === 'application' && provider.setBy === 'initTracing') {
    found.push(
      note(
        'propagator-application',
        `The propagator is the application's own, ${propagator.name}: OTEL_PROPAGATORS does not count`,
      ),
    );
  }
  return found;
}

/** Behind the proxy of the API, which keeps the provider. */
function registeredProvider(): unknown {
  const proxy = registeredGlobal('trace') as (TracerProvider & { getDelegate?(): unknown }) | undefined;
  return proxy?.getDelegate?.() ?? proxy;
}

function describe(registered: unknown): Registered {
  if (typeof registered !== 'object' || registered === null) return { setBy: 'nobody' };
  return {
    setBy: isRegisteredHere(registered) ? 'initTracing' : 'application',
    name: registered.constructor?.name || 'an object',
  };
}

function fieldsOf(propagator: TextMapPropagator | undefined): readonly string[] {
  try {
    return propagator?.fields() ?? [];
  } catch {
    // One of the application's own, which says nothing.
    return [];
  }
}
