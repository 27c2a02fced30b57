import { diag } from '@opentelemetry/api';

import { isOneSlip } from '../one-slip.ts';
import type { OutgoingHttpOptions } from '../outgoing-http-options.ts';
import { CHECKED_OPTIONS } from './check-options.ts';
import type { InitTracingOptions } from './options.ts';

const OUTGOING_NAMES: Readonly<Record<keyof OutgoingHttpOptions, true>> = {
  requireParent: true,
  excludedUrls: true,
  requestHook: true,
  responseHook: true,
  captureHeaders: true,
  redactQuery: true,
};

/** Names of options, by what stands before them: `otlp.`, or nothing. */
const KNOWN: ReadonlyMap<string, readonly string[]> = new Map([
  ...CHECKED_OPTIONS,
  ['outgoingHttp.', Object.keys(OUTGOING_NAMES)],
]);

/**
 * Says which options of `initTracing` are unknown, and which are meant: without a word, a service whose `serviceName` is
 * misspelt has none. No more than a warning, since an older version may be given what a newer one knows.
 */
export function warnOfUnknownOptions(options: InitTracingOptions): void {
  for (const [prefix, known] of KNOWN) {
    const group: unknown = prefix === '' ? options : options[prefix.slice(0, -1) as keyof InitTracingOptions];
    if (typeof group !== 'object' || group === null) continue;
    for (const [name, value] of Object.entries(group)) {
      if (value === undefined || known.includes(name)) continue;
      const meant = nearest(prefix, name);
      const advice = meant === undefined ? `there are ${known.join(', ')}` : `is ${meant} meant?`;
      diag.warn(`initTracing: ${prefix}${name} is no option and has no effect; ${advice}`);
    }
  }
}

/** One beside it that is a slip away, or one of the same name that belongs elsewhere. */
function nearest(prefix: string, name: string): string | undefined {
  const beside = KNOWN.get(prefix)?.find((known) => isOneSlip(plain(name), plain(known)));
  if (beside !== undefined) return prefix + beside;
  for (const [other, names] of KNOWN) {
    const same = names.find((known) => plain(known) === plain(name));
    if (same !== undefined) return other + same;
  }
  return undefined;
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '');
}
