import { diag } from '@opentelemetry/api';

import { errorText } from './diagnostics.ts';

/**
 * Calls a function that the application gave as an option. What it throws, or what a promise of it rejects with,
 * goes to `diag` and nowhere else.
 *
 * @param option Name of the option, for the message.
 * @returns What the function returned; undefined where it threw.
 */
export function callHook<T>(option: string, hook: () => T): T | undefined {
  try {
    const result = hook();
    if (result instanceof Promise) result.then(undefined, (error: unknown) => report(option, error));
    return result;
  } catch (error) {
    report(option, error);
    return undefined;
  }
}

function report(option: string, error: unknown): void {
  diag.error(`${option} threw, which changes nothing else: ${errorText(error)}`);
}
