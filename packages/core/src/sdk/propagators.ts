import type { TextMapPropagator } from '@opentelemetry/api';
import { CompositePropagator } from '@opentelemetry/core';
import { AWSXRayPropagator } from '@opentelemetry/propagator-aws-xray';

import { readNames } from '../environment.ts';
import { B3Propagator } from './b3-propagator.ts';
import { BaggagePropagator } from './baggage-propagator.ts';
import { bounded } from './bounded-propagator.ts';
import { TraceContextPropagator } from './trace-context-propagator.ts';

/** The formats in which trace context travels, by the names that `OTEL_PROPAGATORS` knows. */
export type PropagatorName = 'b3' | 'b3multi' | 'baggage' | 'none' | 'tracecontext' | 'xray';

const PROPAGATORS: Readonly<Record<PropagatorName, () => readonly TextMapPropagator[]>> = {
  tracecontext: () => [new TraceContextPropagator()],
  baggage: () => [new BaggagePropagator()],
  b3: () => [bounded(new B3Propagator('single'))],
  b3multi: () => [bounded(new B3Propagator('multi'))],
  xray: () => [bounded(new AWSXRayPropagator())],
  none: () => [],
};

/** Every name of a propagator. */
export const PROPAGATOR_NAMES = Object.keys(PROPAGATORS) as readonly PropagatorName[];

const DEFAULT_PROPAGATORS: readonly PropagatorName[] = ['tracecontext', 'baggage'];

/** The propagators that the option in code asks for, else `OTEL_PROPAGATORS`, as one. */
export function createPropagator(
  propagators: readonly (PropagatorName | TextMapPropagator)[] | undefined,
): TextMapPropagator {
  const chosen = propagators ?? readNames('OTEL_PROPAGATORS', PROPAGATOR_NAMES, DEFAULT_PROPAGATORS);
  return new CompositePropagator({
    // A propagator that throws is caught by the composite, so even one alone goes in there.
    propagators: chosen.flatMap((propagator) =>
      typeof propagator === 'string' ? PROPAGATORS[propagator]() : [propagator],
    ),
  });
}
