import { diag } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';

import { errorText } from '../diagnostics.ts';
import { readEnum, readRatio } from '../environment.ts';

/** The samplers of the specification, by the names that `OTEL_TRACES_SAMPLER` knows. */
export type SamplerName =
  | 'always_off'
  | 'always_on'
  | 'parentbased_always_off'
  | 'parentbased_always_on'
  | 'parentbased_traceidratio'
  | 'traceidratio';

const SAMPLERS: Readonly<Record<SamplerName, (ratio: () => number) => Sampler>> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio()),
  parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
  parentbased_traceidratio: (ratio) =>
    new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio()) }),
};

/** Every name of a sampler. */
export const SAMPLER_NAMES = Object.keys(SAMPLERS) as readonly SamplerName[];

const DEFAULT_SAMPLER: SamplerName = 'parentbased_always_on';

/** The sampler that options in code ask for, else `OTEL_TRACES_SAMPLER` with `_ARG`. */
export function createSampler(
  sampler: Sampler | SamplerName | undefined,
  ratio: number | undefined,
): Sampler {
  if (typeof sampler === 'object') return guarded(sampler);
  const name =
    sampler ??
    (ratio === undefined
      ? readEnum('OTEL_TRACES_SAMPLER', SAMPLER_NAMES, DEFAULT_SAMPLER)
      : 'parentbased_traceidratio');
  return SAMPLERS[name](() => ratio ?? readRatio('OTEL_TRACES_SAMPLER_ARG', 1));
}

/** The application's own sampler runs inside its requests, which must not fail with it. */
function guarded(sampler: Sampler): Sampler {
  let told = false;
  return {
    shouldSample(...args) {
      try {
        return sampler.shouldSample(...args);
      } catch (error) {
        if (!told) diag.error(`the sampler threw, and such spans are not recorded: ${errorText(error)}`);
        told = true;
        return { decision: SamplingDecision.NOT_RECORD };
      }
    },
    toString: () => sampler.toString(),
  };
}
