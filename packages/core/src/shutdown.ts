import { errorText } from './diagnostics.ts';
import { say } from './say.ts';

/** Waits for `work`, but no longer than `timeoutMillis`. Never rejects: what goes wrong goes to `diag`. */
export async function withinTime(
  what: string,
  timeoutMillis: number,
  work: () => Promise<void>,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    // It holds the process on purpose: whoever waits for the outcome is still to act on it.
    timer = setTimeout(resolve, timeoutMillis, false);
  });
  try {
    const inTime = await Promise.race([work(), late]);
    if (inTime === false)
      say('warn', `${what} took more than ${Math.round(timeoutMillis)} ms; spans may be lost`);
  } catch (error) {
    say('warn', `${what} failed: ${errorText(error)}`);
  } finally {
    clearTimeout(timer);
  }
}
