import {
  type Context,
  context,
  diag,
  propagation,
  ROOT_CONTEXT,
  type TextMapGetter,
} from '@opentelemetry/api';

import { carrierFields, type CarrierFields } from './carrier-fields.ts';
import { textOfField } from './carrier-value.ts';
import { errorText } from './diagnostics.ts';

/**
 * Anything with these three, which a `Map` and `Headers` have themselves: the way to a carrier of another shape.
 * A name is one of the propagators', in lower case: `traceparent`.
 */
export interface CarrierAdapter {
  /** The field's text, or the form in which the transport gives it (see {@link extractContext}); undefined if none. */
  get(name: string): unknown;
  set(name: string, value: string): unknown;
  /** The names of all fields. */
  keys(): Iterable<string>;
  /** Where the transport allows it: takes away a field of an earlier trace. */
  delete?(name: string): unknown;
}

/**
 * Writes the context into a carrier by the registered propagators: `traceparent`, `tracestate`, `baggage`, say. Nothing
 * else in the carrier changes, but for a field of an earlier trace, which goes. Call it where the span is active to
 * which the receiver belongs. Without a propagator, or in an excluded request, nothing is written.
 *
 * Never throws: a carrier that takes nothing is told by one `diag` warning.
 *
 * @param carrier An object, a `Map`, `Headers`, or a {@link CarrierAdapter}. A text cannot be written to.
 * @param from Default: the active context.
 * @returns The carrier: `JSON.stringify(injectContext({}))`.
 */
export function injectContext<Carrier>(carrier: Carrier, from: Context = context.active()): Carrier {
  const written = fieldsOf(from);
  if (written.size === 0) return carrier;
  try {
    if (typeof carrier === 'string') return told(carrier, 'a text cannot be written to, an object can');
    const fields = carrierFields(carrier);
    if (fields === undefined)
      return told(carrier, `${carrier === null ? 'null' : typeof carrier} is no carrier`);
    for (const [name, value] of written) fields.set(name, value);
    // A `tracestate` of another trace must not stand beside our `traceparent`.
    for (const name of propagation.fields()) if (!written.has(name)) fields.delete(name);
  } catch (error) {
    tellOnce('no context is written into a carrier', errorText(error));
  }
  return carrier;

  function told(same: Carrier, reason: string): Carrier {
    tellOnce('no context is written into a carrier', reason);
    return same;
  }
}

/** The context as the propagators write it. They get a plain record, so that a carrier's failure is told once. */
function fieldsOf(from: Context): Map<string, string> {
  const fields = new Map<string, string>();
  try {
    propagation.inject(from, fields, { set: (into, name, value) => into.set(name, value) });
  } catch (error) {
    tellOnce('a propagator failed', errorText(error));
  }
  return fields;
}

/**
 * Reads the context that came in a carrier, by the registered propagators. Names are found in any case. A value may be
 * a text, a `Buffer`, an array of one of these, or an attribute of SQS or SNS.
 *
 * Never throws: what cannot be read carries nothing, and is told by one `diag` warning. No carrier at all is no
 * failure: the sender may not be traced.
 *
 * @param carrier An object, a `Map`, `Headers`, a {@link CarrierAdapter}, or the JSON text of an object.
 * @param base What is in the context besides. Default: nothing, so that no span is active where none came.
 * @returns To be made active by `context.with`, or handed to whatever takes a parent.
 */
export function extractContext(carrier: unknown, base: Context = ROOT_CONTEXT): Context {
  try {
    const fields = carrierFields(carrier);
    return fields === undefined ? base : propagation.extract(base, fields, GETTER);
  } catch (error) {
    tellOnce('no context is read from a carrier', errorText(error));
    return base;
  }
}

const GETTER: TextMapGetter<CarrierFields> = {
  get(fields, name) {
    try {
      return textOfField(fields.get(name));
    } catch (error) {
      tellOnce('no context is read from a carrier', errorText(error));
      return undefined;
    }
  },
  keys: (fields) => fields.keys(),
};

/** A queue may bring the same broken carrier a thousand times a second. */
const said = new Set<string>();

function tellOnce(what: string, reason: string): void {
  const message = `${what}: ${reason}; this is said once`;
  if (said.has(message) || said.size === 100) return;
  said.add(message);
  diag.warn(message);
}
