import {
  type BaggageEntry,
  baggageEntryMetadataFromString,
  type Context,
  diag,
  propagation,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';

import { quoted } from '../one-line.ts';
import { formatBaggageMember, parseBaggageMember } from './baggage-member.ts';
import { headerList } from './header-list.ts';

const BAGGAGE = 'baggage';

/** The specification asks for 64 at least; this many were the most in its drafts, and are with other propagators. */
const MAX_MEMBERS = 180;
/** Characters of the whole header, which are bytes, since all of them are ASCII. */
const MAX_LENGTH = 8192;
/** Characters that are looked at, white space and what is not valid included. */
const MAX_READ = 2 * MAX_LENGTH;

/**
 * Carries the baggage in `baggage`, by W3C Baggage. A member that is not valid is left out, and so is one that no
 * longer fits into 180 members and 8192 bytes; the others go on, in their order. Of a key that is there twice the last
 * counts. What stands behind the first 16384 characters of a header is not looked at. No header is written that is not
 * valid.
 */
export class BaggagePropagator implements TextMapPropagator {
  #told = false;

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const baggage = propagation.getBaggage(context);
    if (baggage === undefined || isTracingSuppressed(context)) return;
    let header = '';
    let count = 0;
    for (const [key, entry] of baggage.getAllEntries()) {
      const member = formatBaggageMember(key, entry.value, entry.metadata?.toString());
      if (member === undefined) {
        this.#tell(key);
        continue;
      }
      const longer = header === '' ? member : `${header},${member}`;
      if (longer.length > MAX_LENGTH) continue;
      header = longer;
      if (++count === MAX_MEMBERS) break;
    }
    if (header !== '') setter.set(carrier, BAGGAGE, header);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const headers = getter.get(carrier, BAGGAGE);
    if (headers === undefined) return context;
    const header = headerList(headers, MAX_READ);
    if (header === undefined) return context;
    const entries = parse(header.length > MAX_READ ? beginning(header) : header);
    return entries === undefined
      ? context
      : propagation.setBaggage(context, propagation.createBaggage(entries));
  }

  fields(): string[] {
    return [BAGGAGE];
  }

  #tell(key: string): void {
    if (this.#told) return;
    this.#told = true;
    diag.warn(
      `the baggage ${quoted(key)} is not sent, its key or metadata is not what W3C Baggage allows; ` +
        'this is said once',
    );
  }
}

/** The whole members among the first characters, in a text that does not hold on to the long one. */
function beginning(header: string): string {
  const end = header.lastIndexOf(',', MAX_READ);
  return end === -1 ? '' : Buffer.from(header.slice(0, end)).toString();
}

function parse(header: string): Record<string, BaggageEntry> | undefined {
  // Without a prototype: a key may be `__proto__`.
  const entries = Object.create(null) as Record<string, BaggageEntry>;
  let count = 0;
  let length = 0;
  for (let from = 0; from <= header.length && count < MAX_MEMBERS;) {
    const comma = header.indexOf(',', from);
    const to = comma === -1 ? header.length : comma;
    const member = parseBaggageMember(header.slice(from, to));
    from = to + 1;
    if (member === undefined || length + member.length > MAX_LENGTH) continue;
    count++;
    length += member.length + 1;
    const { key, value, metadata } = member;
    entries[key] =
      metadata === '' ? { value } : { value, metadata: baggageEntryMetadataFromString(metadata) };
  }
  return count === 0 ? undefined : entries;
}
