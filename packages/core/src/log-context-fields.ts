import { type Context, context, diag } from '@opentelemetry/api';

import { errorText } from './diagnostics.ts';
import { sharedState } from './shared-state.ts';

/** Gives fields for the lines that are written in a context; undefined where there are none. */
export type ContextFields = (active: Context) => object | undefined;

/**
 * Adds fields to every line of every logger of this process that a binding of this package writes or links: loglevel,
 * console, pino and winston. They give way to all other fields of a line.
 *
 * One function at a time, for all copies of this package; it is called for each line, so it has to be quick.
 *
 * @returns Takes it away again.
 */
export function setContextFields(give: ContextFields): () => void {
  const state = sharedState();
  state.contextFields = give;
  return () => {
    if (state.contextFields === give) delete state.contextFields;
  };
}

/**
 * The fields for a line that is written now. Never throws.
 *
 * @param active Default: the active context.
 */
export function contextFields(active?: Context): object | undefined {
  const give = sharedState().contextFields;
  // Off means free: nothing else happens where nobody has asked for it.
  if (give === undefined) return undefined;
  try {
    return give(active ?? context.active());
  } catch (error) {
    diag.error(`the fields of the context cannot be told on a log line: ${errorText(error)}`);
    return undefined;
  }
}
