import type { TextMapGetter, TextMapPropagator } from '@opentelemetry/api';

/** Characters of a header of ids. What is longer is none: a header of X-Ray may have further fields, but short ones. */
const LONGEST = 4096;

/** A propagator that reads no header of more than 4096 characters, since it would look through all of them. */
export function bounded(propagator: TextMapPropagator): TextMapPropagator {
  return {
    inject: (context, carrier, setter) => propagator.inject(context, carrier, setter),
    extract: (context, carrier, getter) => propagator.extract(context, carrier, shortOnly(getter)),
    fields: () => propagator.fields(),
  };
}

function shortOnly<Carrier>(getter: TextMapGetter<Carrier>): TextMapGetter<Carrier> {
  return {
    keys: (carrier) => getter.keys(carrier),
    get(carrier, name) {
      const header: unknown = getter.get(carrier, name);
      // Of several the first counts.
      const first: unknown = Array.isArray(header) ? header[0] : header;
      return typeof first === 'string' && first.length <= LONGEST ? first : undefined;
    },
  };
}
