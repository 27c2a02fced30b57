import type { Context } from '@opentelemetry/api';

import type { Environment } from './doctor/late-variables.ts';
import type { Noted } from './doctor/noted.ts';
import type { ExceptionSignal } from './exception-signal.ts';
import type { OpenRequests } from './open-requests.ts';
import { registeredGlobal } from './sdk/globals.ts';
import type { InitTracingOptions } from './sdk/options.ts';

/**
 * What two copies of this package in one process have to agree on. Kept on `globalThis` under a registered
 * symbol, since each copy has module state of its own.
 */
export interface SharedState {
  /** What the environment asked for when tracing was last set up; undefined where it has not been read. */
  exceptionSignal?: ExceptionSignal;
  /**
   * Whether attributes must be there when a span is created: a sampler or processor of the user's may read
   * them. Where core made both, an unsampled request computes none.
   */
  attributesAtStart?: boolean;
  /** Requests whose spans are open; undefined where nobody ends them with the process. */
  openRequests?: OpenRequests;
  /** Whether requests are met before their framework has them. Default: not. */
  meetsRequests?: boolean;
  /** Whether durations are recorded as metrics too. Default: not. */
  metrics?: boolean;
  /** Keys of baggage that are copied to spans and log lines, one list for each that asked. */
  baggageWishes?: Set<readonly string[]>;
  /** All of these keys; undefined where nobody asked for any. */
  baggageKeys?: readonly string[];
  /** Gives fields for the lines that are written in a context; undefined where nobody asked for any. */
  contextFields?: (active: Context) => object | undefined;
  /** For the doctor: what `initTracing` was called with; undefined where it was not, and after a shutdown. */
  setUp?: { readonly options: InitTracingOptions; readonly environment: Environment };
  /** For the doctor: what else has been set up. */
  noted?: Noted;
}

const SHARED_STATE = Symbol.for('@org/tracing.state');

let state: SharedState | undefined;

/** The state of this process; made on first use, and the same from then on. */
export function sharedState(): SharedState {
  return (state ??= (globalThis as { [SHARED_STATE]?: SharedState })[SHARED_STATE] ??= {});
}

/**
 * Whether an instrumentation must give its attributes when it starts a span. Where not, it asks first whether the
 * span is recorded, and computes nothing for one that is not.
 */
export function attributesNeededAtStart(): boolean {
  // Where core has not been set up, a provider of the application's may want them; and nobody where there is none.
  return sharedState().attributesAtStart ?? registeredGlobal('trace') !== undefined;
}
