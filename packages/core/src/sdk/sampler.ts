import { diag, type SpanContext, TraceFlags } from '@opentelemetry/api';
import type { Sampler, SamplingResult } from '@opentelemetry/sdk-trace';

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

/** Whether a span is recorded and sampled, by what the samplers of the specification look at. */
type Decide = (parent: SpanContext | undefined, traceId: string) => boolean;

/** How spans are chosen. */
export type Sampling = AskedSampling | RuledSampling;

/** By a rule of the specification, which looks at the parent and the trace id alone. */
interface RuledSampling {
  readonly decide: Decide;
  /** Name of the sampler, and its ratio in braces where it has one. */
  toString(): string;
}

/** By a sampler of the application's own. */
export interface AskedSampling {
  /** Gives undefined where the sampler throws, which is said once. */
  readonly ask: (...args: Parameters<Sampler['shouldSample']>) => SamplingResult | undefined;
  /** What the sampler says of itself. */
  toString(): string;
}

// Source: specification, trace/sdk.md, "Built-in samplers".
const SAMPLERS: Readonly<Record<SamplerName, (ratio: number) => Decide>> = {
  always_on: () => always,
  always_off: () => never,
  traceidratio: byRatio,
  parentbased_always_on: () => parentBased(always),
  parentbased_always_off: () => parentBased(never),
  parentbased_traceidratio: (ratio) => parentBased(byRatio(ratio)),
};

/** Every name of a sampler. */
export const SAMPLER_NAMES = Object.keys(SAMPLERS) as readonly SamplerName[];

const DEFAULT_SAMPLER: SamplerName = 'parentbased_always_on';

/** The sampler that options in code ask for, else `OTEL_TRACES_SAMPLER` with `_ARG`. */
export function createSampling(
  sampler: Sampler | SamplerName | undefined,
  ratio: number | undefined,
): Sampling {
  if (typeof sampler === 'object') return { ask: guarded(sampler), toString: () => sampler.toString() };
  const name =
    sampler ??
    (ratio === undefined
      ? readEnum('OTEL_TRACES_SAMPLER', SAMPLER_NAMES, DEFAULT_SAMPLER)
      : 'parentbased_traceidratio');
  if (!name.endsWith('traceidratio')) return ruled(name, 1, name);
  const part = ratio ?? readRatio('OTEL_TRACES_SAMPLER_ARG', 1);
  return ruled(name, part, `${name}{${part}}`);
}

function ruled(name: SamplerName, ratio: number, description: string): RuledSampling {
  return { decide: SAMPLERS[name](ratio), toString: () => description };
}

function always(): boolean {
  return true;
}

function never(): boolean {
  return false;
}

function parentBased(root: Decide): Decide {
  return (parent, traceId) =>
    parent === undefined ? root(parent, traceId) : (parent.traceFlags & TraceFlags.SAMPLED) !== 0;
}

/** The same traces as the SDK chooses at this ratio, so that services that decide for themselves agree. */
function byRatio(ratio: number): Decide {
  if (ratio >= 1) return always;
  if (ratio <= 0) return never;
  const bound = Math.floor(ratio * 0xff_ff_ff_ff);
  return (_parent, traceId) => foldedTraceId(traceId) < bound;
}

/** The four parts of a trace id, of 32 bits each, exclusive-or. */
function foldedTraceId(traceId: string): number {
  let folded = 0;
  for (let at = 0; at < traceId.length; at += 8) folded ^= Number.parseInt(traceId.slice(at, at + 8), 16);
  return folded >>> 0;
}

/** It is asked inside the application's requests, which must not fail with it. */
function guarded(sampler: Sampler): AskedSampling['ask'] {
  let told = false;
  return (...args) => {
    try {
      return sampler.shouldSample(...args);
    } catch (error) {
      if (!told) diag.error(`the sampler threw, and such spans are not recorded: ${errorText(error)}`);
      told = true;
      return undefined;
    }
  };
}
