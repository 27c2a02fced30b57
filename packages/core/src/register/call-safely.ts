import { errorText } from '../diagnostics.ts';
import { say } from '../say.ts';

/**
 * Calls what nobody would catch, in the middle of a start of the application: what is thrown is told by `diag`, after
 * `what`, and goes no further. The application runs untraced then.
 */
export function callSafely<T>(what: string, call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    say('warn', `${what}: ${errorText(error)}`);
    return undefined;
  }
}
