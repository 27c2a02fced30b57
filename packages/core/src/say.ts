import { diag } from '@opentelemetry/api';

/**
 * Says something by `diag` where nobody would catch what its logger throws, which may be the application's own: in a
 * timer, in a promise that nobody awaits, at the end of the process.
 */
export function say(level: 'error' | 'warn', message: string): void {
  try {
    diag[level](message);
  } catch {
    // There is nobody else to tell.
  }
}
